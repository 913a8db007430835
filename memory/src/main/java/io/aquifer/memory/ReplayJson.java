package io.aquifer.memory;

import io.aquifer.memory.PolicyOutcome.OwnerOutcome;
import io.aquifer.memory.PolicyOutcome.PoolOutcome;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;

/// A replay's outcome as one JSON object, written by hand because this module uses no library.
///
/// **Threads.** One.
final class ReplayJson {
    private final StringBuilder text = new StringBuilder();
    private int depth;
    private boolean first = true;

    private ReplayJson() {}

    static String of(
            String file, RecordedTrace trace, ReplayCosts costs, List<PolicyOutcome> outcomes) {
        ReplayJson json = new ReplayJson();
        json.begin('{');
        json.name("trace").text(file);
        json.name("seconds").seconds(trace.nanos());
        json.name("events").number(trace.steps().size());
        json.name("droppedEvents").number(trace.droppedEvents());
        json.name("memoryBytes").number(trace.plan().totalBytes());
        json.name("diskBytesPerSecond").number(costs.diskBytesPerSecond());
        json.name("askSeconds").seconds(costs.askNanos());
        json.name("longestWaitSeconds").seconds(costs.waitNanosMax());
        json.name("policies").begin('[');
        for (PolicyOutcome outcome : outcomes) {
            json.element().policy(outcome);
        }
        json.end(']').end('}');
        return json.text.toString();
    }

    private void policy(PolicyOutcome outcome) {
        begin('{');
        name("policy").text(outcome.policy());
        name("makespan").seconds(outcome.makespanNanos());
        name("unmatchedPatterns").begin('[');
        for (String pattern : outcome.unmatchedPatterns()) {
            element().text(pattern);
        }
        end(']');
        name("pools").begin('[');
        for (PoolOutcome pool : outcome.pools()) {
            element().begin('{');
            name("pool").text(pool.pool());
            name("mostBytes").number(pool.mostBytes());
            name("heldBytes").number(pool.heldBytes());
            name("peakBytes").number(pool.peakBytes());
            name("utilisation").fraction(pool.utilisation());
            name("jain").fraction(pool.jain());
            end('}');
        }
        end(']');
        name("owners").begin('[');
        for (OwnerOutcome owner : outcome.owners()) {
            element().owner(owner);
        }
        end(']').end('}');
    }

    private void owner(OwnerOutcome owner) {
        begin('{');
        name("owner").text(owner.name());
        name("priority").number(owner.priority());
        name("heldBytes").number(owner.heldBytes());
        name("peakBytes").number(owner.peakBytes());
        name("wantedBytes").number(owner.wantedBytes());
        name("waits").number(owner.waits());
        name("waited").seconds(owner.waitedNanos());
        name("longestWait").seconds(owner.waitedNanosMax());
        name("spilledBytes").number(owner.spilledBytes());
        name("spilledForItBytes").number(owner.spilledForItBytes());
        name("refusals").number(owner.refusals());
        Long failed = owner.failedNanos();
        if (failed == null) {
            name("failedAt").text.append("null");
        } else {
            name("failedAt").seconds(failed);
        }
        end('}');
    }

    private ReplayJson begin(char bracket) {
        text.append(bracket);
        depth++;
        first = true;
        return this;
    }

    private ReplayJson end(char bracket) {
        depth--;
        if (!first) {
            newLine();
        }
        text.append(bracket);
        first = false;
        return this;
    }

    private ReplayJson element() {
        text.append(first ? "" : ",");
        newLine();
        first = false;
        return this;
    }

    private ReplayJson name(String name) {
        element().text(name);
        text.append(" : ");
        return this;
    }

    private void newLine() {
        text.append('\n').append("  ".repeat(depth));
    }

    private void number(long number) {
        text.append(number);
    }

    private void fraction(double number) {
        text.append(String.format(Locale.ROOT, "%.6f", number));
    }

    private void seconds(long nanos) {
        BigDecimal seconds = BigDecimal.valueOf(nanos, 9).stripTrailingZeros();
        text.append(seconds.toPlainString());
    }

    private void text(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char letter = value.charAt(i);
            switch (letter) {
                case '"', '\\' -> text.append('\\').append(letter);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (letter < ' ') {
                        text.append(String.format(Locale.ROOT, "\\u%04x", (int) letter));
                    } else {
                        text.append(letter);
                    }
                }
            }
        }
        text.append('"');
    }
}
