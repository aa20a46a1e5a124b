using System.Text;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>Expands <c>$(NAME)</c> in commands, arguments and values (Kubernetes, "Define Dependent Environment Variables").</summary>
internal static class Expansion
{
    /// <summary>Replaces references by values; <c>$$</c> is an escaped dollar, unknown names are left unchanged.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> values)
    {
        if (!text.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
            }
            else if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (text[i + 1] == '(' && text.IndexOf(')', i + 2) is > 0 and var end)
            {
                var name = text[(i + 2)..end];
                result.Append(values.TryGetValue(name, out var value) ? value : $"$({name})");
                i = end;
            }
            else
            {
                result.Append('$');
            }
        }

        return result.ToString();
    }
}
