#!/usr/bin/env node
import '../dist/flota.js'
