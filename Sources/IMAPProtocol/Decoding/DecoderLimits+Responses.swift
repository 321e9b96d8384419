/// What a client is told that went beyond a limit: which one, and how far it reaches.
extension DecoderLimits {
    var lineTooLong: StatusResponse { .bad("Line too long: at most \(lineLength) octets", .limit) }
    var literalTooLarge: StatusResponse { .bad("Literal too large: at most \(literalSize) octets", .tooBig) }
    var tooManyLiterals: StatusResponse {
        .bad("Too many literals: at most \(literalCount) with \(literalSum) octets in a command", .limit)
    }
    var messageTooLarge: StatusResponse { .no("Message too large: at most \(messageSize) octets", .tooBig) }
    var listTooLong: StatusResponse { .bad("List too long: at most \(listCount) elements", .limit) }
    var setTooLong: StatusResponse { .bad("Message set too long: at most \(listCount) ranges", .limit) }
    var programTooLong: StatusResponse { .bad("Search program too long: at most \(listCount) keys", .limit) }
    var tooManySets: StatusResponse {
        .bad("Search program too long: at most \(searchSetCount) message sets", .limit)
    }
    var nestedTooDeeply: StatusResponse {
        .bad("Search program nested too deeply: at most \(nesting) levels", .limit)
    }
    var tooManyItems: StatusResponse { .bad("Too many items: at most \(itemCount) in a FETCH", .limit) }
    var patternsTooLong: StatusResponse {
        .bad("Patterns too long: at most \(patternLength) octets in a LIST", .limit)
    }
}
