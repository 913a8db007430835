package io.aquifer.state;

/// The order of the records of a [RecordSorter], and the objects that it is said in.
///
/// Called on the sorter's thread. What either call throws ends the sorter's operation, which then
/// has changed nothing.
///
/// @param <E> what a record is when it is compared and read
public interface RecordOrder<E> {
    /// The object of a record. The bytes belong to the sorter and are overwritten for the next one.
    E decode(byte[] bytes, int offset, int length);

    /// Below 0, 0 or above 0, as a [java.util.Comparator] says it.
    int compare(E a, E b);
}
