"""From events to deliveries: outbox, audience, fan-out, the gate, sending."""
