#!/usr/bin/env node
import '../dist/flotad.js'
