/// AWS KMS, an operation a method.
///
/// Every method throws `AWSError`. Those that are not idempotent throw `AWSError.answerLost` when the call may have
/// taken effect without our knowing: read the state then, and decide.
package struct KMSClient: Sendable {
    private let client: AWSClient

    package init(_ configuration: AWSClient.Configuration) throws {
        client = try AWSClient(service: KMSWire.service, configuration: configuration)
    }

    package var endpoint: Endpoint { client.endpoint }

    package func createKey(_ input: CreateKey.Input) async throws -> AWSAnswer<CreateKey.Output> {
        try await call(CreateKey.self, input)
    }

    package func describeKey(_ input: DescribeKey.Input) async throws -> AWSAnswer<DescribeKey.Output> {
        try await call(DescribeKey.self, input)
    }

    package func getParametersForImport(
        _ input: GetParametersForImport.Input
    ) async throws -> AWSAnswer<GetParametersForImport.Output> {
        try await call(GetParametersForImport.self, input)
    }

    package func importKeyMaterial(_ input: ImportKeyMaterial.Input) async throws -> AWSAnswer<ImportKeyMaterial.Output>
    {
        try await call(ImportKeyMaterial.self, input)
    }

    package func rotateKeyOnDemand(_ input: RotateKeyOnDemand.Input) async throws -> AWSAnswer<RotateKeyOnDemand.Output>
    {
        try await call(RotateKeyOnDemand.self, input)
    }

    package func listKeyRotations(_ input: ListKeyRotations.Input) async throws -> AWSAnswer<ListKeyRotations.Output> {
        try await call(ListKeyRotations.self, input)
    }

    package func deleteImportedKeyMaterial(
        _ input: DeleteImportedKeyMaterial.Input
    ) async throws -> AWSAnswer<DeleteImportedKeyMaterial.Output> {
        try await call(DeleteImportedKeyMaterial.self, input)
    }

    package func createAlias(_ input: CreateAlias.Input) async throws -> AWSAnswer<NoOutput> {
        try await call(CreateAlias.self, input)
    }

    package func updateAlias(_ input: UpdateAlias.Input) async throws -> AWSAnswer<NoOutput> {
        try await call(UpdateAlias.self, input)
    }

    package func listAliases(_ input: ListAliases.Input) async throws -> AWSAnswer<ListAliases.Output> {
        try await call(ListAliases.self, input)
    }

    package func encrypt(_ input: Encrypt.Input) async throws -> AWSAnswer<Encrypt.Output> {
        try await call(Encrypt.self, input)
    }

    package func decrypt(_ input: Decrypt.Input) async throws -> AWSAnswer<Decrypt.Output> {
        try await call(Decrypt.self, input)
    }

    package func generateMac(_ input: GenerateMac.Input) async throws -> AWSAnswer<GenerateMac.Output> {
        try await call(GenerateMac.self, input)
    }

    package func getPublicKey(_ input: GetPublicKey.Input) async throws -> AWSAnswer<GetPublicKey.Output> {
        try await call(GetPublicKey.self, input)
    }

    package func getKeyPolicy(_ input: GetKeyPolicy.Input) async throws -> AWSAnswer<GetKeyPolicy.Output> {
        try await call(GetKeyPolicy.self, input)
    }

    /// Any operation, by its type.
    package func call<Operation: KMSOperation>(
        _ operation: Operation.Type, _ input: Operation.Input
    ) async throws -> AWSAnswer<Operation.Output> {
        let request = ServiceRequest(
            operation: operation.name, isIdempotent: operation.isIdempotent,
            headers: [
                .init("Content-Type", KMSWire.contentType),
                .init("X-Amz-Target", KMSWire.targetPrefix + operation.name),
            ],
            body: try KMSWire.encode(input), errorFormat: .json)
        return try await client.ask(request)
    }
}
