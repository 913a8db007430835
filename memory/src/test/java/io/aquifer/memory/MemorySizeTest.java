package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemorySizeTest {

    @ParameterizedTest
    @CsvSource({
        "2048, 2147483648",
        "0, 0",
        "0.5, 524288",
        "2g, 2147483648",
        "2G, 2147483648",
        "2gb, 2147483648",
        "2GiB, 2147483648",
        "1.5g, 1610612736",
        "1536m, 1610612736",
        "512k, 524288",
        "64kib, 65536",
        "100b, 100",
        "1t, 1099511627776",
        "' 3 MiB ', 3145728",
        "0.0001k, 0",
        "9223372036854775807b, 9223372036854775807",
    })
    void parse_eachForm_givesBytes(String text, long bytes) {
        assertThat(MemorySize.parse(text)).isEqualTo(new MemorySize(bytes));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "g", "-1", "-2g", "2 giga", "1,5g", "1.g", ".5g", "0x10", "2gg", "1e3",
                "two", "2bb", "2bib"
            })
    void parse_textThatIsNoSize_explainsWithExamples(String text) {
        assertThatThrownBy(() -> MemorySize.parse(text))
                .isInstanceOf(MemoryConfigurationException.class)
                .hasMessage(
                        "cannot read '"
                                + text
                                + "' as a memory size. Write a number of MiB (\"2048\") or a number"
                                + " with a unit (\"2g\", \"1536m\", \"512k\", \"1.5g\").");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8388608t", "9223372036854775808b", "99999999999999999999999"})
    void parse_sizeBeyond63Bits_isRefused(String text) {
        assertThatThrownBy(() -> MemorySize.parse(text))
                .isInstanceOf(MemoryConfigurationException.class)
                .hasMessageStartingWith("memory size '" + text + "' is more than");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "512, 512 B",
        "1023, 1023 B",
        "1024, 1.0 KiB",
        "32768, 32.0 KiB",
        "67108864, 64.0 MiB",
        "1610612736, 1.5 GiB",
        "1099511627776, 1.0 TiB",
        "9223372036854775807, 8388608.0 TiB"
    })
    void toString_anySize_usesTheLargestUnitNotAboveIt(long bytes, String text) {
        assertThat(new MemorySize(bytes)).hasToString(text);
    }

    @Test
    void constructor_negative_isRefused() {
        assertThatThrownBy(() -> new MemorySize(-1))
                .isInstanceOf(MemoryConfigurationException.class)
                .hasMessageContaining("got -1 bytes");
        assertThat(MemorySize.ofMebi(64))
                .hasToString("64.0 MiB")
                .isGreaterThan(MemorySize.parse("63"));
    }
}
