package org.isocentre.app;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import org.isocentre.audit.AuditAnchor;
import org.isocentre.audit.AuditChain;
import org.isocentre.index.AuditBlocks;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcClientAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.JdbcTemplateAutoConfiguration;
import org.springframework.boot.autoconfigure.transaction.TransactionAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * {@code --isocentre.audit.verify=true}: reads the audit trail of a hub that does not run, says in
 * one line whether it is as it was written, and ends with 0 if it is, else with 3.
 */
final class AuditVerification {
  private static final String ASKED = "--isocentre.audit.verify";
  private static final int BROKEN = 3;

  private AuditVerification() {}

  /** The index alone, as it is. */
  @ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    TransactionAutoConfiguration.class,
    JdbcTemplateAutoConfiguration.class,
    JdbcClientAutoConfiguration.class
  })
  static class Index {}

  static boolean isAsked(String[] arguments) {
    for (String argument : arguments) {
      String lower = argument.toLowerCase(Locale.ROOT);
      if (lower.equals(ASKED) || lower.equals(ASKED + "=true")) {
        return true;
      }
    }
    return false;
  }

  /**
   * @return how the process is to end
   */
  static int run(String[] arguments) {
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(Index.class)
            .web(WebApplicationType.NONE)
            .logStartupInfo(false)
            .run(arguments)) {
      Path directory = Path.of(context.getEnvironment().getRequiredProperty("isocentre.data-dir"));
      AuditChain chain =
          new AuditChain(
              new AuditBlocks(
                  context.getBean(JdbcClient.class), TransactionOperations.withoutTransaction()),
              new AuditAnchor(directory.resolve(FILE)),
              Clock.systemUTC());
      return say(chain.verify());
    }
  }

  /** In the data directory. */
  static final String FILE = "audit-anchor";

  private static int say(AuditChain.Verification found) {
    System.out.printf(
        Locale.ROOT,
        "Audit trail %s: %d blocks, %d rows, %d more not sealed yet%s%n",
        found.intact() ? "intact" : "NOT INTACT",
        found.blocks(),
        found.entries(),
        found.unsealed(),
        found.intact() ? "; last hash " + found.last().hash() : "; " + found.problem());
    return found.intact() ? 0 : BROKEN;
  }
}
