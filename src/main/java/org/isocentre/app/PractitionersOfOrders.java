package org.isocentre.app;

import java.time.Clock;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.isocentre.index.PractitionerIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** V35: clinicians whom orders named before there was a table of them. */
public final class PractitionersOfOrders implements JavaMigration {
  private static final Logger LOG = LoggerFactory.getLogger(PractitionersOfOrders.class);

  @Override
  public MigrationVersion getVersion() {
    return MigrationVersion.fromVersion("35");
  }

  @Override
  public String getDescription() {
    return "practitioners of orders";
  }

  @Override
  public Integer getChecksum() {
    return null;
  }

  @Override
  public boolean canExecuteInTransaction() {
    return true;
  }

  @Override
  public void migrate(Context context) {
    JdbcClient jdbc =
        JdbcClient.create(new SingleConnectionDataSource(context.getConnection(), true));
    int named = new PractitionerIndex(jdbc, Clock.systemUTC()).fill();
    LOG.info("{} orders name a clinician by a code", named);
  }
}
