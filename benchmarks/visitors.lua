-- For wrk: each request is another visitor's, as a proxy in front would pass it on.
local number = 0
local before, behind

function init()
  wrk.headers["X-Forwarded-For"] = "@"
  wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
  wrk.headers["Accept"] = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
  wrk.headers["Accept-Language"] = "en-GB,en;q=0.7,de;q=0.3"
  wrk.headers["Cookie"] = "theme=dark"
  before, behind = wrk.format():match("^(.-)@(.*)$")
end

function request()
  number = number + 1
  return before .. number .. behind
end
