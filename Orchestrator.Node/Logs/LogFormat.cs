namespace Orchestrator.Node.Logs;

/// <summary>How the lines of the log are written.</summary>
internal enum LogFormat
{
    /// <summary><c>name=value</c> pairs, with quotes where a value needs them.</summary>
    Text,

    /// <summary>One JSON object per line.</summary>
    Json,
}
