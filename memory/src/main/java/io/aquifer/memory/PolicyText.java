package io.aquifer.memory;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Policies as they are written.
final class PolicyText {
    private static final List<String> NAMES = List.of("elastic", "fair-share", "fixed", "priority");
    private static final Pattern TEXT = Pattern.compile("([^()]*)(?:\\((.*)\\))?", Pattern.DOTALL);
    private static final Pattern FRACTION = Pattern.compile("0?\\.\\d{1,6}|[01](?:\\.\\d{0,6})?");

    private PolicyText() {}

    static AllocationPolicy parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw refused(
                    "cannot read '"
                            + text
                            + "' as an allocation policy. Write one of "
                            + String.join(", ", NAMES)
                            + ", or fractions such as fixed(windows=0.6,join=0.3).");
        }
        String name = matcher.group(1).strip().toLowerCase(Locale.ROOT);
        String fractions = matcher.group(2);
        if (fractions != null && !name.equals("fixed") && NAMES.contains(name)) {
            throw refused(
                    "policy '"
                            + name
                            + "' takes nothing in parentheses, got '"
                            + text
                            + "'. Write "
                            + name
                            + "; only fixed has fractions.");
        }
        return switch (name) {
            case "elastic" -> AllocationPolicy.elastic();
            case "fair-share" -> AllocationPolicy.fairShare();
            case "priority" -> AllocationPolicy.priority();
            case "fixed" ->
                    fractions == null
                            ? AllocationPolicy.fixed()
                            : new FixedPolicy(fractions(text, fractions));
            default -> throw unknown(name);
        };
    }

    private static List<FixedPolicy.Fraction> fractions(String policy, String text) {
        List<FixedPolicy.Fraction> fractions = new ArrayList<>();
        BigDecimal sum = BigDecimal.ZERO;
        for (String entry : text.split(",", -1)) {
            int equals = entry.lastIndexOf('=');
            String pattern = equals < 0 ? "" : entry.substring(0, equals).strip();
            String number = entry.substring(equals + 1).strip();
            if (pattern.isEmpty() || !FRACTION.matcher(number).matches()) {
                throw unreadable(policy, entry);
            }
            if (fractions.stream().anyMatch(fraction -> fraction.pattern().equals(pattern))) {
                throw refused(
                        "in '"
                                + policy
                                + "' the pattern '"
                                + pattern
                                + "' has two fractions. Leave one out.");
            }
            BigDecimal fraction = new BigDecimal(number);
            if (fraction.signum() == 0 || fraction.compareTo(BigDecimal.ONE) > 0) {
                throw unreadable(policy, entry);
            }
            sum = sum.add(fraction);
            fractions.add(
                    FixedPolicy.Fraction.of(
                            pattern, fraction.movePointRight(6).intValueExact(), number));
        }
        if (sum.compareTo(BigDecimal.ONE) > 0) {
            throw refused(
                    "the fractions of a fixed policy must not exceed the pool: "
                            + fractions.stream()
                                    .map(FixedPolicy.Fraction::toString)
                                    .collect(Collectors.joining(" + "))
                            + " = "
                            + sum.stripTrailingZeros().toPlainString()
                            + " of the pool. Lower them by "
                            + sum.subtract(BigDecimal.ONE).stripTrailingZeros().toPlainString()
                            + ".");
        }
        return fractions;
    }

    private static MemoryConfigurationException unreadable(String policy, String entry) {
        return refused(
                "cannot read '"
                        + entry.strip()
                        + "' in '"
                        + policy
                        + "'. Write an owner's name and a fraction above 0 and at most 1 with up"
                        + " to six decimals, such as fixed(windows=0.6,join=0.3).");
    }

    private static MemoryConfigurationException unknown(String name) {
        String near = "";
        int distance = 4;
        for (String known : NAMES) {
            int edits = edits(name, known);
            if (edits < distance) {
                near = known;
                distance = edits;
            }
        }
        return refused(
                "there is no allocation policy '"
                        + name
                        + "'. "
                        + (near.isEmpty() ? "" : "Did you mean " + near + "? ")
                        + "There are "
                        + String.join(", ", NAMES)
                        + ".");
    }

    /// How many letters must be put in, taken out or changed to make `b` of `a`.
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }

    private static MemoryConfigurationException refused(String message) {
        return MemoryConfigurationException.refused(message);
    }
}
