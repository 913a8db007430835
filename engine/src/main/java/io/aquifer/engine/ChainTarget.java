package io.aquifer.engine;

/// What an operator's output leads to: the next operator of the chain, or an exchange.
interface ChainTarget {
    void element(Object value, long timestamp);

    void watermark(long watermark);
}
