/** What a bundle says of itself, read strictly. */
package io.antiphon.runtime.manifest;
