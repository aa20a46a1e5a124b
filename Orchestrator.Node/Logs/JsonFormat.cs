using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Node.Logs;

/// <summary>One JSON object per line. The stack of an unexpected failure is the value of <c>stack</c>.</summary>
internal static class JsonFormat
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The text of a line, with its end.</summary>
    public static string Format(LogLine line)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            foreach (var (name, value) in line.Pairs)
            {
                json.WritePropertyName(name);
                Write(json, value);
            }

            if (line.Stack is { } stack)
            {
                json.WritePropertyName("stack");
                Write(json, stack);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + '\n';
    }

    private static void Write(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case int or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            default:
                // As bytes: a half of a surrogate pair is replaced instead of refused.
                json.WriteStringValue(Encoding.UTF8.GetBytes(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
                break;
        }
    }
}
