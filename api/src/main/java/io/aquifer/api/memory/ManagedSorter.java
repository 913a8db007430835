package io.aquifer.api.memory;

/// Sorts any number of elements in the memory there is: what does not fit goes to disk, sorted, and
/// is merged when it is read.
///
/// The order is stable, and equal elements are all kept. Elements may be added after they were
/// read, and all may be read any number of times; one reading at a time.
///
/// The first element takes four pages of 32 KiB, which stay until [#clear]; where they are not
/// there, `add` throws with the holders and the remedy. All other memory it takes as long as there
/// is some, and gives back when others need it. Files are in the directory named by the system
/// property `aquifer.spill.dir`, the JVM's `java.io.tmpdir` by default; no file outlives the task.
/// Where the disk refuses, `add` and `sorted` throw with the reason and the directory: the element
/// was not taken, and those before are all there.
///
/// Not in checkpoints: it is empty after a restart. See [ManagedMemory].
public interface ManagedSorter<T> {
    /// @throws IllegalStateException while the elements are being read
    void add(T element);

    /// How many elements there are, in memory and on disk.
    long size();

    /// All elements in order. While the iterator is neither at its end nor closed, the sorter's
    /// memory cannot go to others, and [#add], [#clear] and [#sorted] throw
    /// [IllegalStateException].
    SortedIterator<T> sorted();

    /// Removes all elements and gives memory and disk space back.
    ///
    /// @throws IllegalStateException while the elements are being read
    void clear();
}
