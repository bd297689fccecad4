/** The specs: which actions there are and what their flags may be; from text to typed records. */
@NullMarked
package io.faultd.spec;

import org.jspecify.annotations.NullMarked;
