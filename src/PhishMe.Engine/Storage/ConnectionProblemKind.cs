namespace PhishMe.Engine.Storage;

/// <summary>What is wrong with the text of a connection.</summary>
internal enum ConnectionProblemKind
{
    /// <summary>It cannot be used as it is written.</summary>
    NotUsable,

    /// <summary>A file that it names is not there.</summary>
    FileMissing,

    /// <summary>Credentials and threats may travel in clear text.</summary>
    NotEncrypted,

    /// <summary>The certificate of the server is not verified.</summary>
    NotVerified,
}
