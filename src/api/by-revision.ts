import type { ClusterView } from '../cluster/view.ts'

/** Computes once for each revision of a view, so that the pages of a list do not each list everything anew. */
export function byRevision<T>(compute: (view: ClusterView) => T): (view: ClusterView) => T {
  const known = new WeakMap<ClusterView, { readonly revision: bigint; readonly value: T }>()
  return (view) => {
    const last = known.get(view)
    if (last?.revision === view.revision) return last.value
    const value = compute(view)
    known.set(view, { revision: view.revision, value })
    return value
  }
}
