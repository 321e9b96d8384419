/// How long a test waits for something that must happen, before it says that it did not.
enum Patience {
    /// Generous: a loaded machine is slow, and only a failing test waits to the end.
    static let `default`: Duration = .seconds(60)
}

/// A wait that came to its end: what was waited for, and what was there instead.
struct WaitedInVain: Error, CustomStringConvertible {
    /// In words.
    let description: String
    init(_ description: String) { self.description = description }
}
