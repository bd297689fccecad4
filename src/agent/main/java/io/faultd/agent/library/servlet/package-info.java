/** Requests to servlets, javax and jakarta. */
@NullMarked
package io.faultd.agent.library.servlet;

import org.jspecify.annotations.NullMarked;
