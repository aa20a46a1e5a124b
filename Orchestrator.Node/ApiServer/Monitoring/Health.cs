using System.Text;

namespace Orchestrator.Node.ApiServer.Monitoring;

/// <summary>Answers <c>/livez</c>, <c>/readyz</c> and <c>/healthz</c>, whole or check by check.</summary>
internal static class Health
{
    /// <summary>Whether the path was one of health's, and is answered.</summary>
    /// <param name="http">The request.</param>
    /// <param name="route">Its path.</param>
    /// <param name="services">What is checked.</param>
    public static async Task<bool> HandleAsync(HttpContext http, string route, ApiServices services)
    {
        var parts = route.Trim('/').Split('/');
        if (parts is not ["livez" or "readyz" or "healthz"] and not ["livez" or "readyz" or "healthz", _])
        {
            return false;
        }

        var checks = parts[0] == "livez" ? [("ping", null)] : Ready(services);
        if (parts.Length == 2)
        {
            checks = [.. checks.Where(c => c.Name == parts[1])];
            if (checks.Length == 0)
            {
                return false;
            }
        }

        var failed = checks.FirstOrDefault(c => c.Failure is not null).Failure;
        http.Response.StatusCode = failed is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "text/plain; charset=utf-8";
        var text = http.Request.Query.ContainsKey("verbose") ? Verbose(parts[0], checks) : failed ?? "ok";
        await http.Response.WriteAsync(text, http.RequestAborted).ConfigureAwait(false);
        return true;
    }

    /// <summary>The checks of <c>/readyz</c>: each with what is wrong, or null.</summary>
    public static (string Name, string? Failure)[] Ready(ApiServices services) =>
        [("ping", null), ("started", services.NotReadyReason()), ("journal", services.Trouble())];

    private static string Verbose(string name, (string Name, string? Failure)[] checks)
    {
        var text = new StringBuilder();
        foreach (var (check, failure) in checks)
        {
            text.Append(failure is null ? $"[+]{check} ok\n" : $"[-]{check} failed: {failure}\n");
        }

        return text.Append(name).Append(checks.All(c => c.Failure is null) ? " check passed\n" : " check failed\n").ToString();
    }
}
