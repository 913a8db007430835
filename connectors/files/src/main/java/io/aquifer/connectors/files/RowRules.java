package io.aquifer.connectors.files;

import io.aquifer.connectors.files.RecordShape.Component;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What a source wants of every row: the record to make, the columns that may be empty, and the
/// checks.
///
/// @param optional component names
/// @param checks in the order in which they were given
record RowRules<T>(RecordShape<T> shape, Set<String> optional, List<ColumnCheck> checks) {

    record ColumnCheck(String component, Check check) {}

    /// The columns of a file bound to the components.
    ///
    /// @param byColumn for each column of the file its binding, null for a column that is not
    ///   wanted
    /// @param row where the bound columns put their values
    record Binding(List<String> columns, @Nullable BoundColumn[] byColumn, Row row) {}

    /// Binds the file's columns by name.
    ///
    /// @throws FileFormatException when a component has no column, or several
    Binding bind(Path file, List<String> columns) throws FileFormatException {
        Row row = new Row(shape.components().size());
        @Nullable BoundColumn[] byColumn = new BoundColumn[columns.size()];
        for (Component component : shape.components()) {
            int index = ColumnNames.find(component.name(), columns);
            if (index == -2) {
                throw FileFormatException.of(
                        file,
                        "has several columns for '"
                                + component.name()
                                + "' of record "
                                + shape.type().getSimpleName()
                                + ". Its columns are: "
                                + ColumnNames.list(columns)
                                + ". Rename all but one of them.");
            }
            if (index == -1) {
                if (!optional.contains(component.name())) {
                    throw FileFormatException.missingColumn(
                            file,
                            component.name(),
                            shape.type(),
                            ColumnNames.nearest(component.name(), columns),
                            ColumnNames.list(columns));
                }
                column(component, row).acceptMissing();
                continue;
            }
            BoundColumn other = byColumn[index];
            if (other != null) {
                throw FileFormatException.of(
                        file,
                        "has one column '"
                                + columns.get(index)
                                + "' for two components of record "
                                + shape.type().getSimpleName()
                                + ": '"
                                + other.component().name()
                                + "' and '"
                                + component.name()
                                + "'. Rename one of the components.");
            }
            byColumn[index] = column(component, row);
        }
        return new Binding(columns, byColumn, row);
    }

    BoundColumn column(Component component, Row row) {
        List<Check> own = new ArrayList<>();
        for (ColumnCheck check : checks) {
            if (check.component().equals(component.name())) {
                own.add(check.check());
            }
        }
        return new BoundColumn(component, optional.contains(component.name()), own, row);
    }

    /// The record of the row. What its constructor throws goes to the caller, who rejects the row.
    @SuppressWarnings("unchecked")
    T make(Row row) {
        return (T) shape.factory().make(row.numbers, row.objects);
    }
}
