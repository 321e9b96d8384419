// swift-tools-version: 6.1
// Stempel: one package; the module map is in README.md, and Tests/ArchitectureTests holds the imports against it.
import PackageDescription

let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "stempel",
    products: [.executable(name: "stempel", targets: ["stempel"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CIDN2", pkgConfig: "libidn2"),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl"),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd"),
        .systemLibrary(name: "CUnbound", pkgConfig: "libunbound"),
        .systemLibrary(name: "CSpawn", path: "Tests/CSpawn"),

        module("MailTypes", ["CIDN2"]),
        module("MailFormat", ["MailTypes"]),
        module("SMTPProtocol", ["MailTypes", nio]),
        module("IMAPProtocol", ["MailTypes", nio]),
        module("MilterProtocol"),
        module("OpenSSL", ["COpenSSL"]),
        module("Resolver", ["CUnbound", "MailTypes"]),
        module("MailAuth", ["MailFormat", "MailTypes", "OpenSSL"]),
        module("Desk", ["MailTypes"]),
        module("Calendars", ["Desk", "MailTypes"]),
        module("Cards", ["Desk", "MailTypes", .product(name: "Mustache", package: "swift-mustache")]),
        module("Patterns", ["CPCRE2", "Desk"]),
        module("Gateway", ["Desk", "MailAuth", "MailTypes", "MailFormat", logging]),
        module("Mailboxes", ["Desk", "Gateway", "MailTypes", "MailFormat", "IMAPProtocol", nio]),
        module(
            "PublicPages",
            [
                "Desk", "Gateway", "MailTypes", hummingbird, .product(name: "Mustache", package: "swift-mustache"), nio,
                httpTypes, logging,
            ]),
        module("Settings", ["Desk", "MailTypes", .product(name: "Yams", package: "Yams")]),
        module("Storage", ["Desk", "Gateway", "Mailboxes", "MailTypes"]),
        module("StorageSQLite", ["Storage", .product(name: "GRDB", package: "GRDB.swift")]),
        module("TLS", ["OpenSSL", nio]),
        module(
            "Transport",
            [
                "SMTPProtocol", "IMAPProtocol", "MailFormat", "MilterProtocol", "OpenSSL", "TLS", "Desk", "Gateway", "Mailboxes",
                "MailTypes", nio, nioPosix, logging, hummingbirdCore,
            ]),
        module(
            "Appliance",
            [
                "CSystemd", "Calendars", "Cards", "Desk", "Gateway", "IMAPProtocol", "MailAuth", "MailFormat", "MailTypes",
                "Mailboxes", "OpenSSL", "Patterns", "PublicPages", "Resolver", "Settings",
                "SMTPProtocol", "Storage", "StorageSQLite", "TLS", "Transport", nio, nioPosix, logging, lifecycle,
                signals,
            ]),
        .executableTarget(
            name: "stempel",
            dependencies: ["Appliance", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        tests("DeskTests", ["Desk", "MailTypes"]),
        tests("CalendarsTests", ["Calendars", "Desk", "MailTypes"]),
        tests("CardsTests", ["Cards", "Desk", "MailTypes"], resources: [.copy("Fixtures")]),
        tests(
            "PublicPagesTests", ["Desk", "Gateway", "MailTypes", "PublicPages", "TestKit", hummingbird, httpTypes, nio, logging]),
        tests("PatternsTests", ["Desk", "Patterns"]),
        tests(
            "GatewayTests",
            [
                "Cards", "Desk", "Gateway", "MailAuth", "MailFormat", "MailTypes", "Mailboxes", "OpenSSL", "Storage",
                "StorageSQLite", "TestKit", logging,
            ]),
        tests(
            "MailboxesTests",
            [
                "Cards", "Desk", "Gateway", "IMAPProtocol", "MailTypes", "Mailboxes", "OpenSSL", "Storage", "StorageSQLite",
                "TestKit", nio, logging,
            ]),
        tests("IMAPProtocolTests", ["IMAPProtocol", "MailTypes", nio]),
        tests("StorageTests", ["Desk", "Gateway", "MailTypes", "Storage", "StorageSQLite", "TestKit"]),
        tests("StorageSQLiteTests", ["StorageSQLite", "Storage", "MailTypes"]),
        tests(
            "TransportTests",
            [
                "Transport", "SMTPProtocol", "TLS", "OpenSSL", "Desk", "Gateway", "Mailboxes", "MailTypes", "TestKit", nio,
                nioPosix, logging, hummingbirdCore, httpTypes, nioEmbedded, "MilterProtocol",
            ]),

        .target(
            name: "TestKit",
            dependencies: [
                "COpenSSL", "CSpawn", "Calendars", "Desk", "Gateway", "MailAuth", "MailTypes", "OpenSSL", "Patterns",
            ],
            path: "Tests/TestKit", swiftSettings: strict),
        tests("ResolverTests", ["MailTypes", "Resolver", "TestKit"]),
        tests(
            "MailAuthTests",
            ["MailAuth", "MailFormat", "MailTypes", "OpenSSL", "TestKit", .product(name: "Yams", package: "Yams")],
            resources: [.copy("Fixtures")]),
        tests("MailTypesTests", ["MailTypes"]),
        tests("MilterProtocolTests", ["MilterProtocol"]),
        tests("MailFormatTests", ["MailFormat", "MailTypes"]),
        tests("SettingsTests", ["Settings", "Desk", "MailTypes", "TestKit"], resources: [.copy("Fixtures")]),
        tests("OpenSSLTests", ["COpenSSL", "OpenSSL", "TestKit"]),
        tests("TLSTests", ["OpenSSL", "TLS", "TestKit", nio, nioEmbedded]),
        tests("ArchitectureTests"),
        tests("SystemTests", ["OpenSSL", "TestKit", "stempel"], resources: [.copy("Fixtures")]),
        tests("SMTPProtocolTests", ["SMTPProtocol", "MailTypes", nio]),
    ],
    swiftLanguageModes: [.v6]
)

// What deploy/fuzz builds, and nobody else: libFuzzer brings a `main` of its own.
if Context.environment["STEMPEL_FUZZ"] != nil {
    package.targets += [
        .target(name: "FuzzKit", path: "Tests/Fuzz/Kit", swiftSettings: strict),
        .executableTarget(
            name: "fuzz-protocols",
            dependencies: [
                "FuzzKit", "MailTypes", "MailFormat", "MailAuth", "OpenSSL", "SMTPProtocol", "IMAPProtocol", "MilterProtocol",
                "Desk", nio,
            ],
            path: "Tests/Fuzz/Protocols", swiftSettings: strict),
        .executableTarget(
            name: "fuzz-sessions",
            dependencies: [
                "FuzzKit", "Desk", "Gateway", "IMAPProtocol", "MailTypes", "Mailboxes", "Storage", "StorageSQLite",
                "TestKit", nio, logging,
            ],
            path: "Tests/Fuzz/Sessions", swiftSettings: strict),
    ]
}

// What deploy/bench builds, and nobody else.
if Context.environment["STEMPEL_BENCHMARK"] != nil {
    package.targets.append(
        .executableTarget(
            name: "benchmark-authentication",
            dependencies: ["COpenSSL", "MailAuth", "MailFormat", "MailTypes", "OpenSSL"],
            path: "Tests/Benchmarks", swiftSettings: strict))
}
