package org.isocentre.index;

import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresMessageTest extends MessageContract {
  @RegisterExtension static final OwnPostgres SERVER = new OwnPostgres();

  @Override
  DataSource database() throws Exception {
    return SERVER.database();
  }

  @Override
  List<String> plannerSettings() {
    return List.of("set local enable_seqscan = off");
  }
}
