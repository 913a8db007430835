package io.aquifer.connectors.files;

/// A part that was written under its hidden name, and the name it is to have: a sink's committable,
/// as text `<hidden> <visible>`, with ` if-alone` behind for a part without rows.
///
/// @param ifAlone whether it is made visible only when its run has no other output
record Part(String hidden, String visible, boolean ifAlone) {
    private static final String IF_ALONE = "if-alone";

    static Part of(String committable, OutputNames names, String runId) {
        String[] words = committable.split(" ", -1);
        boolean known = words.length == 2 || words.length == 3 && words[2].equals(IF_ALONE);
        if (!known || !runId.equals(names.run(words[0])) || !names.isVisible(words[1])) {
            throw new IllegalArgumentException(
                    "'"
                            + committable
                            + "' is no output of run "
                            + runId
                            + " of sink "
                            + names.all());
        }
        return new Part(words[0], words[1], words.length == 3);
    }

    String committable() {
        return hidden + " " + visible + (ifAlone ? " " + IF_ALONE : "");
    }
}
