/// One step of the schema. Steps are numbered from 1 without gaps and never change once released (STYLE §7).
package struct Migration: Sendable {
    package let number: Int
    package let name: String
    package let statements: [SQL]

    package init(_ number: Int, _ name: String, _ statements: [SQL]) {
        self.number = number
        self.name = name
        self.statements = statements
    }
}

/// Brings a database to the schema this program knows.
package struct Migrator: Sendable {
    private let migrations: [Migration]

    package init(_ migrations: [Migration]) {
        for (index, migration) in migrations.enumerated() {
            precondition(migration.number == index + 1, "migrations are numbered from 1 without gaps")
        }
        self.migrations = migrations
    }

    /// Applies what is missing, each step in a transaction of its own that the driver wraps around the closure, and returns
    /// the number of steps applied. A schema newer than this program knows is refused before anything is changed.
    ///
    /// - Parameter transaction: runs the closure in a transaction that is committed when it returns, undone when it throws;
    ///   gets the step it is for, or `nil` for the look at the version.
    package func apply(
        on connection: any SQLConnection, transaction: (Migration?, () throws -> Void) throws -> Void
    ) throws -> Int {
        var applied = 0
        try transaction(nil) {
            try connection.run(
                "CREATE TABLE IF NOT EXISTS schema_migration (number {integer} PRIMARY KEY, name {text} NOT NULL) {table}"
            )
            applied = Int(try connection.integer("SELECT max(number) FROM schema_migration") ?? 0)
            guard applied <= migrations.count else {
                throw StorageFailure(
                    code: .newerSchema,
                    message: "the schema has version \(applied); this program knows \(migrations.count) at most")
            }
        }
        for migration in migrations[applied...] {
            try transaction(migration) {
                for statement in migration.statements { try connection.run(statement) }
                try connection.run(
                    "INSERT INTO schema_migration (number, name) VALUES (\(migration.number), \(migration.name))")
            }
        }
        return migrations.count - applied
    }
}
