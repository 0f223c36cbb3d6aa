"""The one reading of a text: its times (`Time`) and quantities (`Quantity`), each with its span.

| module | what it reads |
|---|---|
| `times` | dates in any notation, continued ones, months and days without year |
| `days` | weekdays, and days and years relative to a day |
| `reference_days` | the day for which something is asked |
| `effective_times` | from or until when a value holds |
| `quantities` | numbers with their counters, figures in canonical form, times of day |

Texts are normalised (`nfkc`), and offsets refer to the text that was passed in.
"""
