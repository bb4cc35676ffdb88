/** Common passwords of twelve characters or more, in lower case: shorter ones are refused by length already. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `123456789012 1234567890123 12345678901234 123456789abc 1234567890ab 12345678910a 123456123456 123123123123 112233445566
  111222333444 121212121212 098765432109 987654321012 0123456789ab 012345678910 qwertyuiop12 qwertyuiop123 qwertyuiop[]
  qwerty123456 qwerty1234567 qwerty12345678 qwertyqwerty qwertyuiopas qwertyuiopasdfghjkl asdfghjkl123 asdfghjkl;'\\ zxcvbnm12345
  1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv q1w2e3r4t5y6 zaq12wsxcde3 qazwsxedcrfv 1qazxsw23edc abcd12345678
  abc123456789 abcdefghijkl abcdefghijklm abcdef123456 a1b2c3d4e5f6 aa1234567890 password1234 password12345 password123456
  password2024 password2025 password2026 passwordpassword password!123 password@123 password#123 p@ssw0rd1234 p@ssword1234
  passw0rd1234 mypassword12 mypassword123 mypassword1234 yourpassword changeme1234 changemenow1 letmein12345 letmein123456
  welcome12345 welcome123456 welcome@1234 administrator admin1234567 admin12345678 adminadmin12 administrator1 rootrootroot
  iloveyou1234 iloveyou12345 iloveyouforever iloveyousomuch trustno1trustno1 superman1234 batman123456 football1234 baseball1234
  monkey123456 dragon123456 sunshine1234 princess1234 computer1234 internet1234 samsung12345 liverpool123 manchester123
  michael12345 jennifer1234 jordan123456 charlie12345 correcthorsebatterystaple correct horse battery staple
  indonesia123 indonesia1234 indonesia2024 indonesia2025 bandung12345 jakarta12345 bismillah123 bismillah1234 bismillah12345
  sayangkamu123 akucintakamu sayangsayang rahasia12345 rahasiarahasia gotongroyong gotongroyong1 gotongroyong12 gotongroyong123
  gotong-royong gotong_royong`
    .split(/\s+/)
    .concat("correct horse battery staple", "this is a password", "my secret password"),
);
