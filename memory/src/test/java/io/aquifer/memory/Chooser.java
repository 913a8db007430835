package io.aquifer.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Who decides which of the enabled steps of a [ScheduledWorld] is next.
interface Chooser {
    /// A number from 0 to `count - 1`; `count` is at least 2.
    int choose(int count);

    /// Chooses at random and remembers what it chose.
    final class Random implements Chooser {
        private final SplittableRandom random;
        private final List<Integer> chosen = new ArrayList<>();

        Random(long seed) {
            random = new SplittableRandom(seed);
        }

        @Override
        public int choose(int count) {
            int choice = random.nextInt(count);
            chosen.add(choice);
            return choice;
        }

        List<Integer> chosen() {
            return List.copyOf(chosen);
        }
    }

    /// Chooses as was written down, and the first step afterwards.
    final class Replay implements Chooser {
        private final List<Integer> choices;
        private int next;

        Replay(List<Integer> choices) {
            this.choices = choices;
        }

        @Override
        public int choose(int count) {
            return next < choices.size() ? choices.get(next++) % count : 0;
        }
    }
}
