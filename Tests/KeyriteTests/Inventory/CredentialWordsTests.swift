import AWS
import KeyriteCommands
import Testing

@Suite("What is said where AWS does not take the credentials")
struct CredentialWordsTests {
    @Test(
        "each refusal of credentials has its way on",
        arguments: [
            ("ExpiredToken", "The session ended. Sign in again"), ("ExpiredTokenException", "The session ended."),
            ("InvalidClientTokenId", "Look which profile or variables it is from"),
            ("UnrecognizedClientException", "AWS does not take this access key here"),
            ("SignatureDoesNotMatch", "this machine's clock is wrong"),
            ("AccessDenied", "Give the caller what it lacks"),
        ])
    func wayOn(_ code: String, _ words: String) {
        let refusal = ServiceError(
            operation: "GetCallerIdentity", code: .init(rawValue: code), message: "no", status: 403)
        #expect(Program.words(for: AWSError.service(refusal)).contains(words))
    }
}
