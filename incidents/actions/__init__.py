"""The only writers. One function owns one transition: it locks what it decides about, is safe to repeat, records
its event last, in the same transaction, and sends nothing."""
