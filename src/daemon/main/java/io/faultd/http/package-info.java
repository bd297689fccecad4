/** The REST interface: translates between HTTP and {@code experiment}, and nothing else. */
@NullMarked
package io.faultd.http;

import org.jspecify.annotations.NullMarked;
