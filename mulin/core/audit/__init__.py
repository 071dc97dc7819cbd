"""审计: who wrote what and who read personal data, when, why, from where; no row can be altered unseen.

`recording` adds rows, `doors` records the writes of whole service rooms, `sealing` chains the rows in batches in the
worker, `verifying` walks the chain, `retention` removes old batches, `searching` reads. Decision 9 says why.
"""
