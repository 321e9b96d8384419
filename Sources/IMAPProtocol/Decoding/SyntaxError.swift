/// Why a command could not be read: what the client is told in its tagged response.
struct SyntaxError: Error {
    var response: StatusResponse

    init(_ response: StatusResponse) { self.response = response }

    /// BAD, with what was expected.
    init(_ text: String) { response = .bad(text) }
}
