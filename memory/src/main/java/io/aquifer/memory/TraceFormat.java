package io.aquifer.memory;

import io.aquifer.memory.TraceEvent.Closed;
import io.aquifer.memory.TraceEvent.Dropped;
import io.aquifer.memory.TraceEvent.Ended;
import io.aquifer.memory.TraceEvent.Granted;
import io.aquifer.memory.TraceEvent.Guaranteed;
import io.aquifer.memory.TraceEvent.Opened;
import io.aquifer.memory.TraceEvent.Reclaimable;
import io.aquifer.memory.TraceEvent.Refused;
import io.aquifer.memory.TraceEvent.Released;
import io.aquifer.memory.TraceEvent.Requested;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The text of a trace: UTF-8, one event a line, times in nanoseconds, sizes in bytes.
///
/// ```
/// aquifer-memory-trace 1
/// plan total=8388608 managed=4194304 managed-heap=0 operation=2097152 network=1048576 ...
/// 0 open 1 0 flights / windows (1/2)          owner, priority, name
/// 0 guarantee 1 managed 1048576
/// 1200 request 1 managed 32768 required        or optional
/// 4700 grant 1 managed 32768                   only after a wait
/// 9000 request 1 managed 32768 optional
/// 9000 refuse 1 managed 32768
/// 9100 reclaimable 1 managed 32768 SPILL
/// 9300 release 1 managed 32768
/// 9300 dropped 17
/// 9900 close 1
/// 9900 end
/// ```
///
/// A name is the rest of its line, with `\n`, `\r` and `\\` for what would break it. A trace is
/// whole when its last line is `end`.
final class TraceFormat {
    static final int VERSION = 1;
    static final String MAGIC = "aquifer-memory-trace";
    static final List<String> POOLS = List.of("managed", "network", "managed-heap", "operation");

    private TraceFormat() {}

    static String header(MemoryPlan plan) {
        return MAGIC
                + " "
                + VERSION
                + "\nplan total="
                + plan.totalBytes()
                + " managed="
                + plan.managedBytes()
                + " managed-heap="
                + plan.managedHeapBytes()
                + " operation="
                + plan.operationBytes()
                + " network="
                + plan.networkBytes()
                + " network-min="
                + plan.networkMinBytes()
                + " reserve="
                + plan.reserveBytes();
    }

    /// Reads the second line of a header.
    ///
    /// @throws IllegalArgumentException if it is none; the message says why
    static MemoryPlan plan(String line) {
        Map<String, Long> shares = new HashMap<>();
        String[] words = line.split(" ", -1);
        if (!words[0].equals("plan")) {
            throw new IllegalArgumentException("expected the plan, found '" + line + "'");
        }
        for (int i = 1; i < words.length; i++) {
            int equals = Math.max(0, words[i].indexOf('='));
            shares.put(
                    words[i].substring(0, equals),
                    number("share", words[i].substring(Math.min(equals + 1, words[i].length()))));
        }
        try {
            return new MemoryPlan(
                    share(shares, "total"),
                    share(shares, "managed"),
                    share(shares, "managed-heap"),
                    share(shares, "operation"),
                    share(shares, "network"),
                    share(shares, "network-min"),
                    share(shares, "reserve"));
        } catch (MemoryConfigurationException impossible) {
            throw new IllegalArgumentException(
                    "the plan cannot be: " + impossible.getMessage(), impossible);
        }
    }

    static void write(StringBuilder text, TraceEvent event) {
        text.append(event.nanos());
        switch (event) {
            case Opened e ->
                    text.append(" open ")
                            .append(e.owner())
                            .append(' ')
                            .append(e.priority())
                            .append(' ')
                            .append(escaped(e.name()));
            case Guaranteed e -> write(text, " guarantee ", e.owner(), e.pool(), e.bytes());
            case Requested e -> {
                write(text, " request ", e.owner(), e.pool(), e.bytes());
                text.append(e.required() ? " required" : " optional");
            }
            case Granted e -> write(text, " grant ", e.owner(), e.pool(), e.bytes());
            case Refused e -> write(text, " refuse ", e.owner(), e.pool(), e.bytes());
            case Released e -> write(text, " release ", e.owner(), e.pool(), e.bytes());
            case Reclaimable e -> {
                write(text, " reclaimable ", e.owner(), e.pool(), e.bytes());
                text.append(' ').append(e.rung().name());
            }
            case Closed e -> text.append(" close ").append(e.owner());
            case Dropped e -> text.append(" dropped ").append(e.count());
            case Ended e -> text.append(" end");
        }
        text.append('\n');
    }

    /// Reads one line of events.
    ///
    /// @throws IllegalArgumentException if it is none; the message says why, without a full stop
    static TraceEvent read(String line) {
        String[] words = line.split(" ", 5);
        if (words.length < 2) {
            throw new IllegalArgumentException("expected 'TIME EVENT ...', found '" + line + "'");
        }
        long nanos = number("time", words[0]);
        int expected =
                switch (words[1]) {
                    case "open", "guarantee", "grant", "refuse", "release" -> 5;
                    case "request", "reclaimable" -> 6;
                    case "close", "dropped" -> 3;
                    case "end" -> 2;
                    default ->
                            throw new IllegalArgumentException(
                                    "there is no event '"
                                            + words[1]
                                            + "'; there are open, guarantee, request, grant,"
                                            + " refuse, release, reclaimable, close, dropped, end");
                };
        if (!words[1].equals("open")) {
            words = line.split(" ", -1);
        }
        if (words.length != expected) {
            throw new IllegalArgumentException(
                    "'"
                            + words[1]
                            + "' needs "
                            + (expected - 2)
                            + " words after it, found '"
                            + line
                            + "'");
        }
        return switch (words[1]) {
            case "open" -> new Opened(nanos, owner(words[2]), priority(words[3]), plain(words[4]));
            case "guarantee" ->
                    new Guaranteed(nanos, owner(words[2]), pool(words[3]), bytes(words[4]));
            case "request" ->
                    new Requested(
                            nanos,
                            owner(words[2]),
                            pool(words[3]),
                            bytes(words[4]),
                            required(words[5]));
            case "grant" -> new Granted(nanos, owner(words[2]), pool(words[3]), bytes(words[4]));
            case "refuse" -> new Refused(nanos, owner(words[2]), pool(words[3]), bytes(words[4]));
            case "release" -> new Released(nanos, owner(words[2]), pool(words[3]), bytes(words[4]));
            case "reclaimable" ->
                    new Reclaimable(
                            nanos,
                            owner(words[2]),
                            pool(words[3]),
                            bytes(words[4]),
                            rung(words[5]));
            case "close" -> new Closed(nanos, owner(words[2]));
            case "dropped" -> new Dropped(nanos, number("count", words[2]));
            default -> new Ended(nanos);
        };
    }

    private static void write(StringBuilder text, String word, int owner, String pool, long bytes) {
        text.append(word).append(owner).append(' ').append(pool).append(' ').append(bytes);
    }

    private static String escaped(String name) {
        return name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    }

    private static String plain(String escaped) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < escaped.length(); i++) {
            char letter = escaped.charAt(i);
            if (letter == '\\' && i + 1 < escaped.length()) {
                letter =
                        switch (escaped.charAt(++i)) {
                            case 'n' -> '\n';
                            case 'r' -> '\r';
                            default -> escaped.charAt(i);
                        };
            }
            name.append(letter);
        }
        return name.toString();
    }

    private static long share(Map<String, Long> shares, String name) {
        Long bytes = shares.get(name);
        if (bytes == null) {
            throw new IllegalArgumentException("the plan has no share '" + name + "'");
        }
        return bytes;
    }

    private static long bytes(String word) {
        return number("size", word);
    }

    private static int owner(String word) {
        long id = number("owner", word);
        if (id < 1 || id > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("'" + word + "' is no owner");
        }
        return (int) id;
    }

    private static int priority(String word) {
        try {
            return Integer.parseInt(word);
        } catch (NumberFormatException noNumber) {
            throw new IllegalArgumentException("'" + word + "' is no priority", noNumber);
        }
    }

    private static String pool(String word) {
        int index = POOLS.indexOf(word);
        if (index < 0) {
            throw new IllegalArgumentException(
                    "there is no pool '" + word + "'; there are " + String.join(", ", POOLS));
        }
        return POOLS.get(index);
    }

    private static boolean required(String word) {
        if (!word.equals("required") && !word.equals("optional")) {
            throw new IllegalArgumentException(
                    "a request is 'required' or 'optional', found '" + word + "'");
        }
        return word.equals("required");
    }

    private static Rung rung(String word) {
        for (Rung rung : Rung.values()) {
            if (rung.name().equals(word)) {
                return rung;
            }
        }
        throw new IllegalArgumentException("there is no rung '" + word + "'");
    }

    /// A number of at most 18 digits.
    private static long number(String what, String word) {
        if (word.isEmpty()
                || word.length() > 18
                || !word.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("'" + word + "' is no " + what);
        }
        return Long.parseLong(word);
    }
}
