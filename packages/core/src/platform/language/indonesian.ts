import type { Code, FieldCode } from "../error.ts";

/** The titles of problems. */
export const TITLES: Readonly<Record<Code, string>> = {
  MALFORMED_REQUEST: "Permintaan bukan HTTP yang sah",
  MALFORMED_JSON: "Isi permintaan bukan JSON yang sah",
  VALIDATION_FAILED: "Isian belum benar",
  UNAUTHENTICATED: "Token akses yang berlaku diperlukan",
  INVALID_CREDENTIALS: "Surel atau kata sandi salah",
  INVALID_REFRESH_TOKEN: "Token pembaruan tidak berlaku",
  ACCOUNT_LOCKED: "Akun terkunci sampai kata sandinya diganti",
  MFA_REQUIRED: "Faktor kedua diperlukan",
  INVALID_MFA_CODE: "Kode faktor kedua salah",
  WRONG_PASSWORD: "Kata sandi salah",
  FORBIDDEN: "Tidak diizinkan",
  EMAIL_NOT_VERIFIED: "Alamat surel belum dibuktikan",
  INVITATION_REQUIRED: "Pendaftaran memerlukan undangan",
  NOT_FOUND: "Tidak ditemukan",
  METHOD_NOT_ALLOWED: "Metode tidak diizinkan",
  NOT_ACCEPTABLE: "Tidak ada bentuk jawaban yang diterima",
  REQUEST_TIMEOUT: "Permintaan tidak tiba pada waktunya",
  MFA_ALREADY_ENABLED: "Faktor kedua sudah aktif",
  USERNAME_TAKEN: "Nama pengguna sudah dipakai",
  EMAIL_TAKEN: "Alamat surel sudah dipakai",
  TASK_NOT_OPEN: "Tugas tidak terbuka",
  INVALID_TASK_STATE: "Keadaan tugas tidak mengizinkan ini",
  SKILL_EXISTS: "Keahlian dengan nama ini sudah ada",
  ALREADY_VOUCHED: "Anda sudah memberikan jaminan ini",
  ALREADY_VERIFIED: "Anda sudah memberikan suara",
  VERIFICATION_CLOSED: "Kontribusi sudah diputuskan",
  INVALID_EVIDENCE_STATE: "Keadaan bukti tidak mengizinkan ini",
  EVIDENCE_CHANGED: "Bukti berubah sejak Anda melihatnya",
  EVIDENCE_LIMIT_REACHED: "Batas bukti kontribusi ini tercapai",
  UPLOAD_ALREADY_USED: "Unggahan sudah dipakai sebagai bukti",
  DUPLICATE_FILE: "Berkas sudah menjadi bukti kontribusi lain",
  ALREADY_REPORTED: "Anda sudah melaporkan ini",
  ALREADY_RESOLVED: "Laporan sudah diselesaikan",
  CONTENT_HIDDEN: "Konten disembunyikan oleh pengelola",
  INVITATION_CLOSED: "Undangan sudah dipakai",
  IDEMPOTENCY_KEY_IN_USE: "Permintaan dengan kunci idempotensi ini masih berjalan",
  PAYLOAD_TOO_LARGE: "Isi permintaan terlalu besar",
  UNSUPPORTED_MEDIA_TYPE: "Jenis media tidak didukung",
  EXPECTATION_FAILED: "Harapan permintaan tidak didukung",
  RULE_VIOLATED: "Permintaan melanggar aturan",
  IDEMPOTENCY_KEY_REUSED: "Kunci idempotensi sudah dipakai untuk permintaan lain",
  UPLOAD_MISSING: "Tidak ada berkas yang diunggah",
  UPLOAD_MISMATCH: "Berkas yang diunggah berbeda dari keterangannya",
  REPUTATION_TOO_LOW: "Reputasi Anda terlalu rendah",
  INVALID_RESET_TOKEN: "Token kata sandi baru salah atau kedaluwarsa",
  INVALID_EMAIL_PROOF: "Token pembuktian salah atau kedaluwarsa",
  INVALID_INVITATION: "Undangan salah atau kedaluwarsa",
  LAST_ADMIN: "Pengelola terakhir tidak dapat dicabut",
  RATE_LIMITED: "Terlalu banyak permintaan; lihat Retry-After",
  HEADERS_TOO_LARGE: "Header terlalu besar",
  INTERNAL: "Kesalahan di server",
  UNAVAILABLE: "Layanan yang diperlukan sedang tidak tersedia",
};

/** Messages by field error code, for field errors whose own message has no translation. */
export const FIELD_TEXTS: Readonly<Record<FieldCode, string>> = {
  required: "wajib diisi",
  type: "jenis nilainya salah",
  unknown_field: "bukan bagian dari permintaan ini",
  too_short: "terlalu pendek",
  too_long: "terlalu panjang",
  too_few: "terlalu sedikit",
  too_many: "terlalu banyak",
  too_small: "terlalu kecil",
  too_large: "terlalu besar",
  format: "bentuknya salah",
  characters: "berisi karakter yang tidak diizinkan",
  not_allowed: "nilai ini tidak diizinkan",
  duplicate: "tidak boleh ganda",
  unknown_reference: "tidak merujuk pada apa pun",
  mismatch: "tidak cocok",
  guessable: "mudah ditebak",
};

/** Translations of single words in parts marked with `*`. Names of fields and types are codes and are not translated. */
export const WORDS: Readonly<Record<string, string>> = {
  or: "atau",
  and: "dan",
  skills: "keahlian",
  tasks: "tugas",
  contributions: "kontribusi",
  assignments: "penugasan",
  comments: "komentar",
  witnesses: "saksi",
  roles: "peran",
  contributor: "anggota",
  verifier: "pemeriksa",
  admin: "pengelola",
  open: "terbuka",
  assigned: "diambil",
  in_progress: "dikerjakan",
  completed: "selesai",
  cancelled: "dibatalkan",
  examining: "sedang diperiksa",
  awaiting_consent: "menunggu persetujuan",
  accepted: "diterima",
  refused: "tidak diterima",
  withdrawn: "ditarik",
  "profile pictures": "gambar profil",
  document: "dokumen",
};

/** Details of problems and messages of fields by their English text. `{0}` is a variable part; `{0*}` is a variable part to be translated. */
export const PHRASES: Readonly<Record<string, string>> = {
  "A comment can be edited for {0} minutes.": "Komentar dapat diubah selama {0} menit.",
  "A contribution can have at most {0} pieces of evidence from its owner, {1} from any other member, and {2} in all. Unused upload URLs count too.":
    "Satu kontribusi dapat memiliki paling banyak {0} bukti dari pemiliknya, {1} dari setiap anggota lain, dan {2} seluruhnya. URL unggahan yang belum dipakai ikut dihitung.",
  "A member can block at most {0} others.": "Seorang anggota dapat memblokir paling banyak {0} anggota lain.",
  "A member can have at most {0} tasks at a time: complete one or give it back.":
    "Seorang anggota dapat memegang paling banyak {0} tugas sekaligus: selesaikan atau kembalikan satu.",
  "A member can make at most {0} reads that are audited in 24 hours.":
    "Seorang anggota dapat membaca data yang diaudit paling banyak {0} kali dalam 24 jam.",
  "A member may log in {0} times in an hour. Refresh the session instead.":
    "Seorang anggota dapat masuk {0} kali dalam satu jam. Perbarui sesinya sebagai gantinya.",
  "A member can make at most {0} pieces of evidence in 24 hours.":
    "Seorang anggota dapat menyerahkan paling banyak {0} bukti dalam 24 jam.",
  "A member can make at most {0} {1} in 24 hours.":
    "Seorang anggota dapat membuat paling banyak {0} {1*} dalam 24 jam.",
  "A session may be refreshed {0} times in an hour. Use its access token until it expires.":
    "Sebuah sesi dapat diperbarui {0} kali dalam satu jam. Pakailah token aksesnya sampai kedaluwarsa.",
  "must be a time such as 21:30": "harus berupa jam seperti 21:30",
  "must be a time zone such as Asia/Jakarta": "harus berupa zona waktu seperti Asia/Jakarta",
  "must be Base64url": "harus berupa Base64url",
  "must have {0} bytes": "harus {0} byte",
  "must be a point of P-256": "harus berupa titik pada kurva P-256",
  "must be an address of a known push service": "harus alamat layanan push yang dikenal",
  "Pushes are not set up here.": "Push tidak tersedia di sini.",
  "must have two different times": "harus memiliki dua jam yang berbeda",
  "The chunks of the body are too small.": "Potongan isi permintaan terlalu kecil.",
  "The method CONNECT is for proxies.": "Metode CONNECT adalah untuk proksi.",
  "The only Transfer-Encoding is chunked, in HTTP/1.1.":
    "Satu-satunya Transfer-Encoding adalah chunked, dalam HTTP/1.1.",
  "Too many large bodies are being received. Send this one again later.":
    "Terlalu banyak isi permintaan besar sedang diterima. Kirimkan lagi nanti.",
  "A member can report at most {0} times a day.": "Seorang anggota dapat melapor paling banyak {0} kali sehari.",
  "A member has begun the task, so it cannot be changed.":
    "Seorang anggota sudah mulai, jadi tugas ini tidak dapat diubah.",
  "A required dependency is unavailable.": "Layanan yang diperlukan sedang tidak tersedia.",
  "Allowed methods: {0}.": "Metode yang diizinkan: {0}.",
  "At most 3 changes of the address can be requested in an hour.":
    "Penggantian alamat dapat diminta paling banyak 3 kali dalam satu jam.",
  "At most {0} accounts a day can be created from one address or network. Try again tomorrow, or from another one.":
    "Paling banyak {0} akun sehari dapat dibuat dari satu alamat atau jaringan. Coba lagi besok, atau dari jaringan lain.",
  "At most {0} concurrent requests per address, and too many are waiting. Try again.":
    "Paling banyak {0} permintaan sekaligus dari satu alamat, dan terlalu banyak yang menunggu. Coba lagi.",
  "At most {0} in {1} s. Try again in {2} s.": "Paling banyak {0} dalam {1} detik. Coba lagi dalam {2} detik.",
  "Task of a deleted member": "Tugas anggota yang akunnya dihapus",
  "Contribution of a deleted member": "Kontribusi anggota yang akunnya dihapus",
  "Comment of a deleted member": "Komentar anggota yang akunnya dihapus",
  "deleted member": "anggota yang akunnya dihapus",
  "Its owner has deleted their account.": "Pemiliknya telah menghapus akunnya.",
  "At most {0} links a day.": "Paling banyak {0} tautan sehari.",
  "This community invites by mail only.": "Komunitas ini hanya mengundang melalui surel.",
  "At most {0} invitations a day.": "Paling banyak {0} undangan sehari.",
  "At most {0} requests in {1} s. Try again in {2} s.":
    "Paling banyak {0} permintaan dalam {1} detik. Coba lagi dalam {2} detik.",
  "At most {0} vouches a day.": "Paling banyak {0} jaminan sehari.",
  "Hide the content first, or choose another outcome.": "Sembunyikan kontennya dahulu, atau pilih hasil lain.",
  "Members cannot block themselves.": "Anggota tidak dapat memblokir diri sendiri.",
  "Members cannot report themselves or what is their own.":
    "Anggota tidak dapat melaporkan diri sendiri atau miliknya sendiri.",
  "One address gets at most 3 mails an hour.": "Satu alamat menerima paling banyak 3 surel dalam satu jam.",
  "One address gets at most {0} invitations a day.": "Satu alamat menerima paling banyak {0} undangan sehari.",
  "Only a task for several people, of which at least one has a place, can be closed.":
    "Hanya tugas untuk beberapa orang, yang paling sedikit satu tempatnya terisi, dapat ditutup.",
  "Only a witness whom the piece names by id may do this.":
    "Hanya saksi yang disebut dengan id dalam bukti boleh melakukan ini.",
  "Only members with a part in the contribution may prove it.":
    "Hanya anggota yang ikut dalam kontribusi ini boleh membuktikannya.",
  "Reading the file takes too much time or memory.": "Membaca berkas memakan terlalu banyak waktu atau memori.",
  "The file could not be checked for malware. Send it again.": "Berkas tidak bisa diperiksa dari malware. Kirim lagi.",
  "The file contains malware ({0}).": "Berkas mengandung malware ({0}).",
  "The file could not be examined: reading it crashed the examiner.":
    "Berkas tidak dapat diperiksa: pemeriksa berhenti ketika membacanya.",
  "The file is already used as evidence.": "Berkas sudah dipakai sebagai bukti.",
  "Only admins can invite.": "Hanya pengelola dapat mengundang.",
  "Only an assignee of the task may do this.": "Hanya pelaksana tugas boleh melakukan ini.",
  "Only the assignee of the task may do this.": "Hanya pelaksana tugas boleh melakukan ini.",
  "Only the author of the comment may do this.": "Hanya penulis komentar boleh melakukan ini.",
  "Only the creator of the task or an admin may do this.": "Hanya pembuat tugas atau pengelola boleh melakukan ini.",
  "Only the owner of the contribution may do this.": "Hanya pemilik kontribusi boleh melakukan ini.",
  "Only the submitter, the contribution's owner or an admin may do this.":
    "Hanya pengirim, pemilik kontribusi, atau pengelola boleh melakukan ini.",
  "Registration requires an invitation: ask an admin or a member for one, and send its token as `invitation`.":
    "Pendaftaran memerlukan undangan: mintalah kepada pengelola atau anggota, lalu kirim tokennya sebagai `invitation`.",
  "Requires the role {0}.": "Memerlukan peran {0*}.",
  "Send application/json in UTF-8.": "Kirim application/json dalam UTF-8.",
  "Send the body without Content-Encoding.": "Kirim isi tanpa Content-Encoding.",
  "The body is incomplete.": "Isi permintaan tidak lengkap.",
  "The body is not UTF-8.": "Isi permintaan bukan UTF-8.",
  "The body may have at most 1 MiB.": "Isi permintaan paling besar 1 MiB.",
  "The change could not be recorded safely and was not made. Try again.":
    "Perubahan tidak dapat dicatat dengan aman dan tidak dilakukan. Coba lagi.",
  "The contributor cannot be a witness of their own contribution.":
    "Pelaku tidak dapat menjadi saksi kontribusinya sendiri.",
  "The database is too slow, and nothing was changed. Try again.":
    "Basis data terlalu lambat, dan tidak ada yang berubah. Coba lagi.",
  "The extensions of a chunk may have at most 16 KiB.": "Ekstensi satu potongan paling besar 16 KiB.",
  "The header Host is missing.": "Header Host tidak ada.",
  "The header Host or the path is not valid.": "Header Host atau jalurnya tidak sah.",
  "The header {0} is repeated.": "Header {0} berulang.",
  "The member already has a place of this task.": "Anggota ini sudah memiliki tempat dalam tugas ini.",
  "The member does not have this task.": "Anggota ini tidak memegang tugas ini.",
  "The member has no place of this task.": "Anggota ini tidak memiliki tempat dalam tugas ini.",
  "The path has dot segments, a backslash or a fragment.":
    "Jalur berisi segmen titik, garis miring balik, atau fragmen.",
  "The piece is {0}; it must be {1}.": "Bukti ini {0*}; seharusnya {1*}.",
  "The request is not valid HTTP/1.1.": "Permintaan bukan HTTP/1.1 yang sah.",
  "The request line and headers together may have at most 16 KiB.":
    "Baris permintaan dan header bersama-sama paling besar 16 KiB.",
  "The request line and the header Host name different authorities.":
    "Baris permintaan dan header Host menyebut tujuan yang berbeda.",
  "The request line has no valid path.": "Baris permintaan tidak memiliki jalur yang sah.",
  "The response is {0}.": "Jawabannya berupa {0}.",
  "The role {0} requires a second factor: enrol one, or sign in with it.":
    "Peran {0*} memerlukan faktor kedua: daftarkan, atau masuk dengannya.",
  "The session cookie is for pages of this origin only.": "Kuki sesi hanya untuk halaman dari asal ini.",
  "The task is {0}; it must be {1}.": "Tugas ini {0*}; seharusnya {1*}.",
  "The username can be changed {0} times within {1} days. You can take a former one back.":
    "Nama pengguna dapat diganti {0} kali dalam {1} hari. Nama lama dapat diambil kembali.",
  "The file was not submitted within {0} days of its upload, so it was deleted. Upload it again.":
    "Berkas tidak diajukan dalam {0} hari setelah diunggah, sehingga dihapus. Unggah lagi.",
  "Your uploads that are not submitted as evidence may have at most {0} MiB in all. Submit them first; the oldest one expires {1} days after its request.":
    "Unggahan Anda yang belum diajukan sebagai bukti boleh berisi paling banyak {0} MiB seluruhnya. Ajukan dulu; yang tertua berakhir {1} hari setelah diminta.",
  "Your uploads of 24 hours may have at most {0} MiB in all.":
    "Unggahan Anda dalam 24 jam paling banyak berukuran {0} MiB seluruhnya.",
  "These parts of the file are missing: {0}.": "Bagian berkas ini belum ada: {0}.",
  "This community does not search its members.": "Komunitas ini tidak menyediakan pencarian anggota.",
  "This content concerns you: another admin has to hide or show it.":
    "Konten ini menyangkut Anda: pengelola lain yang harus menyembunyikan atau menampilkannya.",
  "Too many failed logins for this account or from this address. Try again later.":
    "Terlalu banyak percobaan masuk yang gagal untuk akun ini atau dari alamat ini. Coba lagi nanti.",
  "Too many passwords are being checked. Try again shortly.":
    "Terlalu banyak kata sandi sedang diperiksa. Coba lagi sebentar lagi.",
  "Verify your e-mail address first: follow the link in the mail that you received, or request another one with POST /v1/auth/email-proofs.":
    "Buktikan alamat surel Anda dahulu: ikuti tautan dalam surel yang Anda terima, atau minta yang baru dengan POST /v1/auth/email-proofs.",
  "You cannot mark yourself.": "Anda tidak dapat mencatat kehadiran sendiri.",
  "Who came is marked once the work begins.": "Kehadiran dicatat setelah pekerjaan dimulai.",
  "Only the creator of the task, its assignees or an admin may do this.":
    "Hanya pembuat tugas, pelaksananya, atau pengelola yang boleh melakukan ini.",
  "Only the creator of the task or an admin may do this; a member who has started may mark who is there.":
    "Hanya pembuat tugas atau pengelola yang boleh melakukan ini; anggota yang sudah mulai boleh mencatat siapa yang hadir.",
  "A member can mark the attendance of at most {0} others in 24 hours.":
    "Seorang anggota dapat mencatat kehadiran paling banyak {0} anggota lain dalam 24 jam.",
  "You cannot verify your own contribution.": "Anda tidak dapat memeriksa kontribusi sendiri.",
  "You cannot vouch for yourself.": "Anda tidak dapat menjamin diri sendiri.",
  "You have already completed it.": "Anda sudah menyelesaikannya.",
  "You have already started.": "Anda sudah mulai.",
  "You have not started yet.": "Anda belum mulai.",
  "You voted on this contribution, so you cannot add evidence to it.":
    "Anda sudah memberikan suara atas kontribusi ini, jadi Anda tidak dapat menambah buktinya.",
  "You submitted evidence to this contribution, so you cannot vote on it.":
    "Anda mengirim bukti untuk kontribusi ini, jadi Anda tidak dapat memberikan suara.",
  "You are named as a witness of this contribution, so you cannot vote on it.":
    "Anda disebut sebagai saksi kontribusi ini, jadi Anda tidak dapat memberikan suara.",
  "Your reputation is currently unknown. Try again.": "Reputasi Anda sedang tidak diketahui. Coba lagi.",
  "people_needed cannot be changed after the first claim.":
    "people_needed tidak dapat diubah setelah ada yang mengambil tugas.",
  "proof.media_hash differs from the declared sha256 of the upload.":
    "proof.media_hash berbeda dari sha256 yang disebut untuk unggahan.",
  "{0} may have at most {1} characters.": "{0} paling panjang {1} karakter.",

  "is a common password; choose another": "adalah kata sandi yang umum; pilih yang lain",
  "is not a field of this request": "bukan bagian dari permintaan ini",
  "is not allowed together with email": "tidak boleh bersama email",
  "is only allowed together with email": "hanya boleh bersama email",
  "is not a parameter of this request": "bukan parameter permintaan ini",
  "is not allowed in this request": "tidak diizinkan dalam permintaan ini",
  "is required": "wajib diisi",
  "is reserved; choose another": "sudah dicadangkan; pilih yang lain",
  "must be 1 to 255 visible ASCII characters": "harus 1 sampai 255 karakter ASCII yang terlihat",
  "must be 64 hex digits": "harus 64 digit heksadesimal",
  "must be UUIDs, separated by commas": "harus UUID, dipisahkan koma",
  "must be a SHA-256 as 64 hex digits": "harus SHA-256 sebagai 64 digit heksadesimal",
  "must be a UUID": "harus UUID",
  "must be a UUID or me": "harus UUID atau me",
  "must be a date that exists": "harus tanggal yang ada",
  "must be a latitude and a longitude, such as -6.9147,107.6098": "harus lintang dan bujur, seperti -6.9147,107.6098",
  "must be a list": "harus daftar",
  "must be a name without a path": "harus nama tanpa jalur",
  "must be a number": "harus angka",
  "must be a place on Earth": "harus tempat di Bumi",
  "must be a string": "harus teks",
  "must be a whole number": "harus bilangan bulat",
  "must be after starts_at": "harus setelah starts_at",
  "must be an RFC 3339 timestamp with an offset, such as 2026-05-01T09:30:00Z":
    "harus waktu RFC 3339 dengan selisih zona, seperti 2026-05-01T09:30:00Z",
  "must be an e-mail address": "harus alamat surel",
  "must be an object": "harus objek",
  "must be at least {0}": "paling kecil {0}",
  "must be at least {0} for {1}": "paling kecil {0} untuk {1}",
  "must be at most {0}": "paling besar {0}",
  "must be at most {0} days ago": "paling lama {0} hari yang lalu",
  "must be at most {0} for {1}": "paling besar {0} untuk {1}",
  "must be one of {0}": "harus salah satu dari {0}",
  "must be one or more of {0}, separated by commas": "harus satu atau lebih dari {0}, dipisahkan koma",
  "must be the declared sha256 of the upload": "harus sha256 yang disebut untuk unggahan",
  "must be the id of a member who was to come": "harus id anggota yang seharusnya datang",
  "must be the id of a member": "harus id seorang anggota",
  "must be the id of a skill": "harus id sebuah keahlian",
  "must be the id of one of your uploads": "harus berupa id salah satu unggahan Anda",
  "must be the id of one of your uploads for this contribution":
    "harus id salah satu unggahan Anda untuk kontribusi ini",
  "must not contain more than 30 combining marks in a row":
    "tidak boleh memuat lebih dari 30 tanda gabungan berturut-turut",
  "must be the next_cursor of a page of this list": "harus next_cursor dari halaman daftar ini",
  "must be true or false": "harus true atau false",
  "must be well-formed Unicode": "harus Unicode yang benar",
  "must begin and end with a letter or a digit": "harus diawali dan diakhiri huruf atau angka",
  "must contain a visible character": "harus berisi karakter yang terlihat",
  "must differ from the current password": "harus berbeda dari kata sandi sekarang",
  "must end every change of direction in its own paragraph":
    "harus mengakhiri setiap perubahan arah tulisan dalam paragrafnya sendiri",
  "must have 3 to 50 characters of a-z, 0-9, _ and -": "harus 3 sampai 50 karakter dari a-z, 0-9, _ dan -",
  "must have at least {0} characters": "paling sedikit {0} karakter",
  "must have at least {0} {1}": "paling sedikit {0} {1*}",
  "must have at most 16 KiB as JSON": "paling besar 16 KiB sebagai JSON",
  "must have at most {0} characters": "paling banyak {0} karakter",
  "must have at most {0} keys": "paling banyak {0} kunci",
  "must have at most {0} values": "paling banyak {0} nilai",
  "must have at most {0} {1}": "paling banyak {0} {1*}",
  "must not be empty": "tidak boleh kosong",
  "must not be in the future": "tidak boleh di masa depan",
  "must not be repeated": "tidak boleh berulang",
  "must not contain NUL characters, broken Unicode or numbers out of range":
    "tidak boleh berisi karakter NUL, Unicode yang rusak, atau angka di luar batas",
  "must not contain a part twice": "tidak boleh berisi bagian yang sama dua kali",
  "must not contain a skill twice": "tidak boleh berisi keahlian yang sama dua kali",
  "must not contain characters that change the direction of text":
    "tidak boleh berisi karakter yang mengubah arah tulisan",
  "must not contain control characters": "tidak boleh berisi karakter kendali",
  "must not contain line breaks or other control characters":
    "tidak boleh berisi ganti baris atau karakter kendali lain",
  "must not contain tag characters or stray variation selectors":
    "tidak boleh berisi karakter penanda atau pemilih variasi yang lepas",
  "must not contain the username or the local part of the e-mail address":
    "tidak boleh berisi nama pengguna atau bagian depan alamat surel",
  "must not name a witness twice": "tidak boleh menyebut saksi yang sama dua kali",
  "must be one line without stacked combining marks": "harus satu baris tanpa tanda baca yang bertumpuk",
};

/** Subjects and sentences of mails by their English text. */
export const MAILS: Readonly<Record<string, string>> = {
  "Your password was changed": "Kata sandi Anda diganti",
  "The password of your account was changed, and your other sessions were ended. If it was not you, ask for a new password now.":
    "Kata sandi akun Anda diganti, dan sesi Anda yang lain diakhiri. Jika bukan Anda, mintalah kata sandi baru sekarang.",
  "A session of yours was ended": "Salah satu sesi Anda diakhiri",
  "A token of one of your sessions was used a second time, so it may be stolen. We ended that session; sign in again. If it happens again, change your password.":
    "Token salah satu sesi Anda dipakai untuk kedua kalinya, jadi mungkin dicuri. Sesi itu kami akhiri; masuklah lagi. Jika terjadi lagi, ganti kata sandi Anda.",
  "A second factor protects your account": "Faktor kedua melindungi akun Anda",
  "From now on every login requires a code of your authenticator app. If it was not you, change your password and contact the people who run the platform.":
    "Mulai sekarang setiap kali masuk diperlukan kode dari aplikasi autentikator Anda. Jika bukan Anda, ganti kata sandi dan hubungi pengelola.",
  "The second factor of your account was removed": "Faktor kedua akun Anda dihapus",
  "Logins to your account no longer require a code. If it was not you, change your password now and contact the people who run the platform.":
    "Untuk masuk ke akun Anda tidak lagi diperlukan kode. Jika bukan Anda, ganti kata sandi sekarang dan hubungi pengelola.",
  "You have new recovery codes": "Anda memiliki kode pemulihan baru",
  "The recovery codes of your account were replaced; the former ones no longer work. If it was not you, change your password now.":
    "Kode pemulihan akun Anda diganti; kode lama tidak berlaku lagi. Jika bukan Anda, ganti kata sandi sekarang.",
  "Another address for your account": "Alamat lain untuk akun Anda",
  "Someone, hopefully you, requested another e-mail address for your account. It stays as it is until the new address is confirmed. If it was not you, change your password now: that stops it.":
    "Seseorang, semoga Anda sendiri, meminta alamat surel lain untuk akun Anda. Alamat lama tetap berlaku sampai alamat baru dibuktikan. Jika bukan Anda, ganti kata sandi sekarang: itu menghentikannya.",
  "The address of your account was changed": "Alamat akun Anda diganti",
  "Your account has another e-mail address from now on; logins and mails use the new one. If it was not you, contact the people who run the platform now.":
    "Mulai sekarang akun Anda memakai alamat surel lain, untuk masuk dan untuk surel. Jika bukan Anda, hubungi pengelola sekarang.",
  "Your roles were changed": "Peran Anda diubah",
  "An admin changed your roles.": "Seorang pengelola mengubah peran Anda.",
  "Your roles are now: {0}.": "Peran Anda sekarang: {0*}.",
  "Is this your address?": "Apakah ini alamat Anda?",
  "Someone, hopefully you, created an account with this address.":
    "Seseorang, semoga Anda sendiri, membuat akun dengan alamat ini.",
  "Confirm here that this address is yours:": "Buktikan di sini bahwa alamat ini milik Anda:",
  "It works within {0} hours. If it was not you, do nothing.": "Berlaku selama {0} jam. Jika bukan Anda, abaikan saja.",
  "Your new address": "Alamat baru Anda",
  "Someone, hopefully you, wants to use this address for their account.":
    "Seseorang, semoga Anda sendiri, ingin memakai alamat ini untuk akunnya.",
  "It works once, within {0} hours. If it was not you, do nothing.":
    "Berlaku satu kali, selama {0} jam. Jika bukan Anda, abaikan saja.",
  "An invitation to join": "Undangan untuk bergabung",
  "You are invited to join a community on Gotong Royong.": "Anda diundang bergabung dengan komunitas di Gotong Royong.",
  "{0} invites you to join a community on Gotong Royong.":
    "{0} mengundang Anda bergabung dengan komunitas di Gotong Royong.",
  "They write:": "Pesannya:",
  "Join here:": "Bergabung di sini:",
  "It works once, within {0} days. If you do not want to join, do nothing: your address is erased then.":
    "Berlaku satu kali, selama {0} hari. Jika tidak ingin bergabung, abaikan saja: alamat Anda akan dihapus.",
  "Your new password": "Kata sandi baru Anda",
  "Someone, hopefully you, requested a new password.": "Seseorang, semoga Anda sendiri, meminta kata sandi baru.",
  "It works once, within {0} minutes. If it was not you, do nothing.":
    "Berlaku satu kali, selama {0} menit. Jika bukan Anda, abaikan saja.",
  "Your account is locked": "Akun Anda terkunci",
  "There were too many failed logins to your account, and it is locked: from an address that you have not used before, no one can sign in. Your open sessions continue. A new password unlocks it.":
    "Terlalu banyak percobaan masuk yang gagal ke akun Anda, jadi akun terkunci: dari alamat yang belum pernah Anda pakai, tidak ada yang dapat masuk. Sesi Anda yang terbuka tetap berjalan. Kata sandi baru membukanya.",
  "It works once, within {0} minutes; after that, request another one as for a forgotten password.":
    "Berlaku satu kali, selama {0} menit; setelah itu mintalah lagi seperti untuk kata sandi yang lupa.",
  "Choose a new password here:": "Pilih kata sandi baru di sini:",
};
