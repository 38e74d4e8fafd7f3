package org.isocentre.app;

import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Makes {@code isocentre.data-dir} absolute before anything reads it: H2 refuses {@code data} where
 * it takes {@code ./data}, and Artemis would look for it elsewhere.
 */
public class AbsoluteDataDirectory implements EnvironmentPostProcessor {
  private static final String NAME = "isocentre.data-dir";

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    String given = environment.getProperty(NAME);
    if (given != null && !given.isBlank() && !Path.of(given).isAbsolute()) {
      String absolute = Path.of(given).toAbsolutePath().normalize().toString();
      environment
          .getPropertySources()
          .addFirst(new MapPropertySource("absolute data directory", Map.of(NAME, absolute)));
    }
  }
}
