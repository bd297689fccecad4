/**
 * What an attach loads into the system class loader, one class: it brings the rest in, apart from
 * the application.
 */
@NullMarked
package io.faultd.agent;

import org.jspecify.annotations.NullMarked;
