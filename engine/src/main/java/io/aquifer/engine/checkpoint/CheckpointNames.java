package io.aquifer.engine.checkpoint;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/// The names of what Aquifer keeps in a state directory. Nothing with another name is its own.
final class CheckpointNames {
    static final String LOCK = "lock";
    static final String RUN = "run";
    static final String MANIFEST = "manifest";

    /// Appended to the name of a file that is renamed once it is whole.
    static final String IN_PROGRESS = ".inprogress";

    /// So that the next one is a number too, and every one has at most 18 digits.
    static final long MAX_ID = 999_999_999_999_999_999L;

    private static final Pattern DIRECTORY = Pattern.compile("chk-([0-9]{6,18})");
    private static final String RUN_END = ".run";
    private static final Pattern STATE_FILE =
            Pattern.compile(
                    "[A-Za-z0-9_-]+(\\.[0-9a-f]{16})?-[0-9]{1,10}(\\.state|-[0-9]{1,10}\\.run)");
    private static final Pattern PLAIN = Pattern.compile("[a-z0-9_-]{1,64}");
    private static final int READABLE_CHARS_MAX = 40;

    private CheckpointNames() {}

    /// `chk-000007`.
    static String directory(long id) {
        return String.format(Locale.ROOT, "chk-%06d", id);
    }

    /// The checkpoint of a directory's name; 0 when it is the name of something else.
    static long id(String name) {
        var matcher = DIRECTORY.matcher(name);
        if (!matcher.matches()) {
            return 0;
        }
        long id = Long.parseLong(matcher.group(1));
        return directory(id).equals(name) ? id : 0;
    }

    /// The name of an operator's state file within a checkpoint, different for different operators
    /// also where case is not told apart. An id of lower case letters, digits, `_` and `-` is
    /// itself; of another one what can be read, a dot, which no plain id has, and a hash.
    static String stateFile(String operatorId, int subtask) {
        return operator(operatorId) + '-' + subtask + ".state";
    }

    /// The name of a run of an operator's subtask within a checkpoint.
    ///
    /// @param number no other run of the checkpoint has it
    static String runFile(String operatorId, int subtask, int number) {
        return operator(operatorId) + '-' + subtask + '-' + number + RUN_END;
    }

    private static String operator(String operatorId) {
        return PLAIN.matcher(operatorId).matches()
                ? operatorId
                : readable(operatorId) + '.' + hash(operatorId);
    }

    private static String readable(String operatorId) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < operatorId.length() && name.length() < READABLE_CHARS_MAX; i++) {
            char c = operatorId.charAt(i);
            boolean safe = c < 128 && (Character.isLetterOrDigit(c) || c == '-');
            if (safe) {
                name.append(c);
            } else if (name.isEmpty() || name.charAt(name.length() - 1) != '_') {
                name.append('_');
            }
        }
        return name.isEmpty() ? "_" : name.toString();
    }

    /// Over the UTF-16 units: an id need not be text that UTF-8 can hold.
    private static String hash(String operatorId) {
        ByteBuffer units = ByteBuffer.allocate(2 * operatorId.length());
        units.asCharBuffer().put(operatorId);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(units.array());
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static boolean isStateFile(String name) {
        return STATE_FILE.matcher(name).matches();
    }

    /// Whether a path is that of a state file in a checkpoint's directory, so that it cannot lead
    /// out of the state directory.
    static boolean isStatePath(String path) {
        int slash = path.indexOf('/');
        return slash > 0
                && id(path.substring(0, slash)) > 0
                && isStateFile(path.substring(slash + 1));
    }

    /// Whether the path of a state file is that of a run.
    static boolean isRunPath(String path) {
        return path.endsWith(RUN_END);
    }

    /// Whether a name in a state directory may be one of Aquifer's.
    static boolean isOwn(String name) {
        return name.equals(LOCK)
                || name.equals(RUN)
                || name.equals(RUN + IN_PROGRESS)
                || id(name) > 0;
    }
}
