package io.aquifer.connectors.files;

import java.util.List;
import java.util.Locale;

/// Which column belongs to which record component, and which one was probably meant.
///
/// Exact names come first, then snake case (`dep_delay` for `depDelay`), then letters and digits
/// only, without case (`Dep. Delay`).
final class ColumnNames {
    private ColumnNames() {}

    /// The index of the column for `component`, -1 when there is none, -2 when several fit equally
    /// well.
    static int find(String component, List<String> columns) {
        for (int level = 0; level < 3; level++) {
            int found = -1;
            for (int i = 0; i < columns.size(); i++) {
                if (matches(level, columns.get(i), component)) {
                    if (found >= 0) {
                        return -2;
                    }
                    found = i;
                }
            }
            if (found >= 0) {
                return found;
            }
        }
        return -1;
    }

    static boolean matches(String column, String component) {
        return matches(0, column, component)
                || matches(1, column, component)
                || matches(2, column, component);
    }

    private static boolean matches(int level, String column, String component) {
        return switch (level) {
            case 0 -> column.equals(component);
            case 1 -> camelCase(column).equals(component);
            default -> !letters(column).isEmpty() && letters(column).equals(letters(component));
        };
    }

    static String camelCase(String column) {
        StringBuilder camel = new StringBuilder();
        boolean upper = false;
        for (int i = 0; i < column.length(); i++) {
            char c = column.charAt(i);
            if (c == '_') {
                upper = !camel.isEmpty();
            } else {
                camel.append(upper ? Character.toUpperCase(c) : c);
                upper = false;
            }
        }
        return camel.toString();
    }

    static String snakeCase(String component) {
        StringBuilder snake = new StringBuilder();
        for (int i = 0; i < component.length(); i++) {
            char c = component.charAt(i);
            if (Character.isUpperCase(c)) {
                boolean afterLower = i > 0 && !Character.isUpperCase(component.charAt(i - 1));
                boolean beforeLower =
                        i > 0
                                && i + 1 < component.length()
                                && Character.isLowerCase(component.charAt(i + 1));
                if (afterLower || beforeLower) {
                    snake.append('_');
                }
                snake.append(Character.toLowerCase(c));
            } else {
                snake.append(c);
            }
        }
        return snake.toString();
    }

    private static String letters(String name) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            if (Character.isLetterOrDigit(name.charAt(i))) {
                letters.append(Character.toLowerCase(name.charAt(i)));
            }
        }
        return letters.toString();
    }

    /// The candidate nearest to `wanted`, empty when none is near.
    static String nearest(String wanted, List<String> candidates) {
        String plain = letters(wanted);
        String best = "";
        int bestDistance = Math.max(1, plain.length() / 3) + 1;
        for (String candidate : candidates) {
            int distance = distance(plain, letters(candidate));
            if (distance < bestDistance) {
                bestDistance = distance;
                best = candidate;
            }
        }
        return best;
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
    static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int replace = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                cost[i][j] = Math.min(replace, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                if (i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }

    /// The names for a message, at most thirty of them.
    static String list(List<String> names) {
        int shown = Math.min(30, names.size());
        String more = shown < names.size() ? ", and " + (names.size() - shown) + " more" : "";
        return String.join(", ", names.subList(0, shown)) + more;
    }

    static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
