import HTTPTypes

/// Field names that have no constant of their own yet.
extension HTTPField.Name {
    static let referrerPolicy = named("Referrer-Policy")
    static let robotsTag = named("X-Robots-Tag")
    static let frameOptions = named("X-Frame-Options")
    static let xForwardedFor = named("X-Forwarded-For")

    private static func named(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no field name") }
        return name
    }
}
