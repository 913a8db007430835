package io.aquifer.cli;

import java.util.ArrayList;
import java.util.List;

/// Rows of cells in columns as wide as their widest cell, two blanks apart.
///
/// Every row has a cell for each heading. Cells of the columns named in the constructor stand at
/// the left, figures at the right.
///
/// **Threads.** One.
final class TextTable {
    private final List<Integer> leftColumns;
    private final List<List<String>> rows = new ArrayList<>();

    /// @param leftColumns indexes of the columns whose cells are words
    TextTable(List<Integer> leftColumns, String... headings) {
        this.leftColumns = List.copyOf(leftColumns);
        rows.add(List.of(headings));
    }

    void add(String... cells) {
        if (cells.length != rows.getFirst().size()) {
            throw new IllegalArgumentException(
                    cells.length + " cells under " + rows.getFirst().size() + " headings");
        }
        rows.add(List.of(cells));
    }

    /// The headings, then the rows in the order they were added, without blanks at the end.
    List<String> lines() {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = row.get(column);
            String blanks = " ".repeat(widths[column] - cell.length());
            line.append(column == 0 ? "" : "  ")
                    .append(leftColumns.contains(column) ? cell + blanks : blanks + cell);
        }
        return line.toString().stripTrailing();
    }
}
