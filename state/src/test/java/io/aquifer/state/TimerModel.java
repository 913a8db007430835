package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// What a [TimerTable] is, in the plainest way: a sorted set by time and number of registration.
final class TimerModel {
    private record Timer(long time, ByteBuffer key) {}

    private record Place(long time, long number) {}

    private final TreeSet<Place> order =
            new TreeSet<>(Comparator.comparingLong(Place::time).thenComparingLong(Place::number));
    private final Map<Place, Timer> timers = new HashMap<>();
    private final Map<Timer, Place> places = new HashMap<>();
    private long registrations;

    boolean register(long time, byte[] key) {
        Timer timer = new Timer(time, ByteBuffer.wrap(key));
        if (places.containsKey(timer)) {
            return false;
        }
        Place place = new Place(time, registrations++);
        order.add(place);
        timers.put(place, timer);
        places.put(timer, place);
        return true;
    }

    boolean delete(long time, byte[] key) {
        Place place = places.remove(new Timer(time, ByteBuffer.wrap(key)));
        if (place == null) {
            return false;
        }
        order.remove(place);
        timers.remove(place);
        return true;
    }

    boolean contains(long time, byte[] key) {
        return places.containsKey(new Timer(time, ByteBuffer.wrap(key)));
    }

    int size() {
        return order.size();
    }

    long firstTime() {
        return order.first().time();
    }

    byte[] poll() {
        Timer timer = timers.remove(order.pollFirst());
        places.remove(timer);
        return timer.key().array();
    }

    void clear() {
        order.clear();
        timers.clear();
        places.clear();
    }

    /// Asserts that the table has the same timers in the same order, and is sound.
    void assertSame(TimerTable table) {
        TimerCheck.verify(table);
        List<Timer> expected = new ArrayList<>();
        order.forEach(place -> expected.add(timers.get(place)));
        List<Timer> actual = new ArrayList<>();
        table.forEach(
                (time, key) -> actual.add(new Timer(time, ByteBuffer.wrap(key.toByteArray()))));
        assertThat(actual.equals(expected)).as("timers in order").isTrue();
        assertThat(table.size()).isEqualTo(size());
        assertThat(table.isEmpty()).isEqualTo(order.isEmpty());
    }
}
