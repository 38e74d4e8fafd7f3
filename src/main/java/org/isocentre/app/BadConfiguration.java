package org.isocentre.app;

/**
 * Settings that are each right but do not go together; the message names the property and the
 * remedy.
 */
public final class BadConfiguration extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadConfiguration(String message) {
    super(message);
  }

  /** Makes one line of it. */
  public static final class Analyzer
      extends org.springframework.boot.diagnostics.AbstractFailureAnalyzer<BadConfiguration> {
    @Override
    protected org.springframework.boot.diagnostics.FailureAnalysis analyze(
        Throwable root, BadConfiguration cause) {
      return new org.springframework.boot.diagnostics.FailureAnalysis(
          cause.getMessage(), "mend it and start again", cause);
    }
  }
}
