package io.aquifer.api.connector;

/// A row that did not become a record: where it stands, and its first fault in column order.
///
/// @param source the file it came from
/// @param row the data row's number, from 1, where it is known, else `byte N`
/// @param column the column at fault, empty when it is the row as a whole
/// @param reason what is wrong, one of few texts, so that rejects can be counted by it
/// @param value the text found, shortened to 200 characters
public record Reject(String source, String row, String column, String reason, String value) {}
