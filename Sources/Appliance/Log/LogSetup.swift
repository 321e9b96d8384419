package import Logging
package import Settings

/// Makes the loggers that the settings ask for.
package enum LogSetup {
    package static func logger(_ label: String, _ log: MachineSettings.Log) -> Logger {
        var logger = Logger(label: label) { label in
            switch log.target {
            case .stderr: StreamLogHandler.standardError(label: label)
            case .journal: JournalLogHandler(label: label)
            }
        }
        logger.logLevel = Logger.Level(rawValue: log.level.rawValue) ?? .info
        return logger
    }
}
