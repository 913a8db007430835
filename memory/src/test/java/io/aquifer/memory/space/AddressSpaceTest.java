package io.aquifer.memory.space;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;

/// Why a process has the mode it has.
class AddressSpaceTest {
    private static final Module THIS = AddressSpaceTest.class.getModule();
    private static final String GRANTED = "--enable-native-access=ALL-UNNAMED";

    @Test
    void declined_byAnythingButNativeAccess_saysWhy() {
        KernelFacts small = new KernelFacts(4_096, "madvise", 511, 0, 65_530, -1);
        KernelFacts large = new KernelFacts(65_536, "madvise", 511, 0, 65_530, -1);
        assertThat(AddressSpace.declined("portable", THIS, "Linux", small))
                .isEqualTo("aquifer.memory.mode is portable");
        assertThat(AddressSpace.declined("", THIS, "Mac OS X", small))
                .isEqualTo("the mapped mode needs Linux and this is Mac OS X");
        if (THIS.isNativeAccessEnabled()) {
            assertThat(AddressSpace.declined("", THIS, "Linux", small)).isEmpty();
            assertThat(AddressSpace.declined("", THIS, "Linux", KernelFacts.none())).isEmpty();
            assertThat(AddressSpace.declined("", THIS, "Linux", large))
                    .isEqualTo("the kernel's page of 64 KiB is not a divisor of a page of 32 KiB");
        } else {
            assertThat(AddressSpace.declined("", THIS, "Linux", small))
                    .isEqualTo(
                            "native access is not granted: start java with"
                                    + " --enable-native-access=ALL-UNNAMED");
        }
    }

    @EnabledOnOs(OS.LINUX)
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                GRANTED
                        + " | mapped pages, since native access is granted and the kernel maps;"
                        + " kernel: ",
                GRANTED
                        + " -Daquifer.memory.guard=true -Daquifer.memory.poison=true | mapped"
                        + " pages, since native access is granted and the kernel maps; guard on;"
                        + " poison on; kernel: ",
                "--illegal-native-access=deny -Daquifer.memory.guard=true | portable pages, since"
                        + " native access is not granted: start java with "
                        + GRANTED
                        + "; guard off, since it needs the mapped mode; kernel: ",
                GRANTED
                        + " -Daquifer.memory.mode=portable -Daquifer.memory.poison=true | portable"
                        + " pages, since aquifer.memory.mode is portable; poison on; kernel: ",
            })
    void text_underFlags_isOneLineForTheLog(String flags, String line)
            throws IOException, InterruptedException {
        ChildJvm child = ChildJvm.run(flags, Main.class);

        assertThat(child.output())
                .isEqualTo(line + " " + AddressSpace.kernel().text() + System.lineSeparator());
        assertThat(child.exitCode()).isZero();
    }

    /// Says the line.
    static final class Main {
        public static void main(String[] arguments) {
            System.out.println(AddressSpace.text());
        }
    }
}
