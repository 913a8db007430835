/// Pages of 32 KiB taken and given back: Aquifer, Flink, Netty and Arrow, each in a JVM of its own.
@NullMarked
package io.aquifer.benchmarks.pages;

import org.jspecify.annotations.NullMarked;
